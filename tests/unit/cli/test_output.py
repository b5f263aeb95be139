"""Output of commands: JSON, numbers and progress."""

import json
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from pathlib import Path

import numpy as np
import pytest

from quaestor.cli import output


class Colour(IntEnum):
    RED = 1


@dataclass(frozen=True)
class Point:
    x: float
    y: np.int64


def test_json_is_one_line_for_a_pipe_and_unwraps_everything(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_json(
        {
            "nan": float("nan"),
            "inf": [np.float64("inf"), -1.5],
            "count": np.int64(2**60),
            "flag": np.bool_(True),
            "rows": np.arange(3),
            "money": Decimal("10.25"),
            "colour": Colour.RED,
            "file": Path("a/b"),
            "point": Point(float("-inf"), np.int64(3)),
        }
    )
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    assert json.loads(out) == {
        "nan": None,
        "inf": [None, -1.5],
        "count": 2**60,
        "flag": True,
        "rows": [0, 1, 2],
        "money": 10.25,
        "colour": "red",
        "file": "a/b",
        "point": {"x": None, "y": 3},
    }


def test_a_value_without_a_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        output.to_plain(object())


def test_progress_is_a_line_a_stage_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress("working", total=2) as bar:
        bar.expect(3)
        bar.describe("still working")
        bar.advance()
    assert capsys.readouterr() == ("", "still working\n")


@pytest.mark.parametrize("absent", [None, float("nan"), float("inf")])
def test_missing_numbers_are_a_dash(absent: float | None) -> None:
    assert output.format_percent(absent) == output.MISSING
    assert output.format_number(absent) == output.MISSING
