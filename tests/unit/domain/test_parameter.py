"""Parameters: parsing, refusals and packing."""

from enum import IntEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quaestor.domain.parameter import Choice, Integer, Real, pack_values, parse_settings
from quaestor.errors import ConfigError, UnknownNameError


class Mode(IntEnum):
    """Members for a choice."""

    SLOW = 0
    FAST = 3


LENGTH = Integer("length", 20, 2, 500)
WIDTH = Real("width", 2.0, 0.1, 10.0)
MODE = Choice("mode", Mode.SLOW)


@given(st.integers(2, 500), st.floats(0.1, 10.0), st.sampled_from(Mode))
def test_formatted_values_parse_back(length: int, width: float, mode: Mode) -> None:
    assert LENGTH.parse(LENGTH.format(length)) == length
    assert WIDTH.parse(WIDTH.format(width)) == width
    assert MODE.parse(MODE.format(mode)) == mode


@pytest.mark.parametrize(
    ("parameter", "text", "remedy"),
    [
        (LENGTH, "1", "a whole number from 2 to 500"),
        (LENGTH, "501", "a whole number from 2 to 500"),
        (LENGTH, "2.5", "a whole number"),
        (LENGTH, "", "a whole number"),
        (LENGTH, "9" * 30, "a whole number"),
        (WIDTH, "wide", "a number from 0.1 to 10"),
        (WIDTH, "nan", "a number from 0.1 to 10"),
        (WIDTH, "inf", "a number from 0.1 to 10"),
        (WIDTH, "0.05", "a number from 0.1 to 10"),
        (MODE, "medium", "one of slow, fast"),
    ],
)
def test_invalid_texts_are_refused_with_the_allowed_values(
    parameter: Integer | Real | Choice, text: str, remedy: str
) -> None:
    with pytest.raises(ConfigError, match=remedy):
        parameter.parse(text, "here")


@pytest.mark.parametrize(("parameter", "value"), [(LENGTH, 2.5), (LENGTH, float("nan")), (WIDTH, 11), (MODE, 1)])
def test_invalid_values_are_refused(parameter: Integer | Real | Choice, value: float) -> None:
    with pytest.raises(ConfigError, match="is not allowed"):
        parameter.check(value)


def test_settings_take_defaults_and_refuse_unknown_names() -> None:
    assert parse_settings((LENGTH, WIDTH, MODE), {"mode": "FAST"}) == (20, 2.0, 3)
    with pytest.raises(UnknownNameError, match="did you mean length"):
        parse_settings((LENGTH, WIDTH), {"lenght": "3"})


def test_packed_values_are_read_only_fields() -> None:
    packed = pack_values((LENGTH, WIDTH, MODE), (30, 2.5, Mode.FAST))
    assert packed.tolist() == [(30, 2.5, 3)]
    with pytest.raises(ValueError, match="read-only"):
        packed["length"] = 3
    assert pack_values((), ()).shape == (1,)
