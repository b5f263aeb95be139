"""`quaestor features fit garch`: its table, its JSON, its refusals."""

import json

import pytest
from tests.slices import MINUTES

from quaestor.cli.app import run
from quaestor.features.catalog import parse_feature


@pytest.fixture
def options() -> list[str]:
    """A day of real minutes."""
    data = ["--data", str(MINUTES), "-s", "BTCUSDT", "--from", "2023-04-01", "--to", "2023-04-02"]
    return ["features", "fit", "garch", *data]


def test_the_feature_is_named_with_the_fitted_parameters(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*options, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    fit = answer["fit"]
    assert parse_feature(answer["feature"]).values == (fit["omega"], fit["alpha"], fit["beta"])
    assert fit["rows"] == 1_439
    assert run(options) == 0
    assert f"feature: {answer['feature']}" in capsys.readouterr().out


def test_every_refits_walk_forward(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*options, "--window", "500", "--every", "400", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [fit["row"] for fit in answer["fits"]] == [500, 900, 1_300]
    assert answer["fits"][-1]["feature"] == answer["feature"]


@pytest.mark.parametrize(
    ("given", "message"),
    [(["--every", "10"], "--every needs --window"), (["--window", "10"], "at least 250 bars")],
)
def test_mistakes_are_one_clear_error(
    options: list[str], given: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*options, *given]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
