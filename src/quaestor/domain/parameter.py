"""Parameters: typed declarations, with ranges, of the settings of features, strategies and rules."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from quaestor.errors import ConfigError, UnknownNameError

Value = int | float
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Integer:
    """Whole number in [low, high]; `doc` gives its meaning and unit."""

    name: str
    default: int
    low: int
    high: int
    doc: str = ""

    def parse(self, text: str, place: str = "") -> int:
        """Return the number written in a text; ConfigError when it is none or out of range."""
        if re.fullmatch(r"[+-]?\d{1,18}", text.strip()) is None:
            raise _refusal(self.name, text, f"a whole number from {self.low} to {self.high}", place)
        return self.check(int(text), place)

    def check(self, value: Value, place: str = "") -> int:
        """Return the value; ConfigError when it is not a whole number or out of range."""
        if value != value or not self.low <= value <= self.high or int(value) != value:
            raise _refusal(self.name, value, f"a whole number from {self.low} to {self.high}", place)
        return int(value)

    def format(self, value: Value) -> str:
        """Return the shortest text that `parse` reads back."""
        return str(int(value))


@dataclass(frozen=True, slots=True)
class Real:
    """Finite number in [low, high]; `doc` gives its meaning and unit."""

    name: str
    default: float
    low: float
    high: float
    doc: str = ""

    def parse(self, text: str, place: str = "") -> float:
        """Return the number written in a text; ConfigError when it is none or out of range."""
        try:
            value = float(text)
        except ValueError:
            raise _refusal(self.name, text, f"a number from {self.low:g} to {self.high:g}", place) from None
        return self.check(value, place)

    def check(self, value: Value, place: str = "") -> float:
        """Return the value as a float; ConfigError when it is not finite or out of range."""
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise _refusal(self.name, value, f"a number from {self.low:g} to {self.high:g}", place)
        return float(value)

    def format(self, value: Value) -> str:
        """Return the shortest text without an exponent that `parse` reads back to the same number.

        Example:
            >>> Real("rate", 0.1, 0.0, 1.0).format(5e-05), Real("width", 2.0, 0.1, 10.0).format(2.0)
            ('0.00005', '2')
        """
        return np.format_float_positional(value, trim="-")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the members of an IntEnum, written in lower case; `doc` gives its meaning."""

    name: str
    default: IntEnum
    doc: str = ""

    def parse(self, text: str, place: str = "") -> int:
        """Return the number of the named member; ConfigError when there is none of that name."""
        members = {member.name.lower(): int(member) for member in type(self.default)}
        if text.strip().lower() not in members:
            raise _refusal(self.name, text, f"one of {', '.join(members)}", place)
        return members[text.strip().lower()]

    def check(self, value: Value, place: str = "") -> int:
        """Return the value; ConfigError when no member has that number."""
        if value not in {int(member) for member in type(self.default)}:
            raise _refusal(self.name, value, f"one of {', '.join(m.name.lower() for m in type(self.default))}", place)
        return int(value)

    def format(self, value: Value) -> str:
        """Return the member's name in lower case."""
        return type(self.default)(int(value)).name.lower()


Parameter = Integer | Real | Choice


def parse_settings(
    parameters: Sequence[Parameter], settings: Mapping[str, str], *, place: str = ""
) -> tuple[Value, ...]:
    """Return the values of all parameters in declared order, defaults where nothing is set.

    Raises:
        UnknownNameError: a setting names no parameter.
        ConfigError: a text is not a value of its parameter.

    Example:
        >>> parse_settings((Integer("fast", 12, 1, 500), Integer("slow", 26, 2, 5000)), {"slow": "50"})
        (12, 50)
    """
    names = [parameter.name for parameter in parameters]
    for name in settings:
        if name not in names:
            raise UnknownNameError("parameter", name, names, place=place)
    return tuple(
        p.parse(settings[p.name], place) if p.name in settings else p.check(p.default, place) for p in parameters
    )


def parameter_dtype(parameters: Sequence[Parameter]) -> np.dtype[np.void]:
    """Return the dtype of a set of values for kernels: one 8-byte field for each parameter, or one unused field."""
    fields = [(p.name, "<f8" if isinstance(p, Real) else "<i8") for p in parameters]
    return np.dtype(fields or [("unused", "<i8")], align=True)


def pack_values(parameters: Sequence[Parameter], values: Sequence[Value]) -> NDArray[np.void]:
    """Return values as a read-only one-element structured array.

    Example:
        >>> pack_values((Integer("length", 20, 2, 500), Real("width", 2.0, 0.1, 10)), (20, 2.5)).tolist()
        [(20, 2.5)]
    """
    packed = np.zeros(1, parameter_dtype(parameters))
    for parameter, value in zip(parameters, values, strict=True):
        packed[parameter.name] = parameter.check(value)
    packed.flags.writeable = False
    return packed


def always(value: T) -> Callable[..., T]:
    """Return a function that takes any parameter values and returns `value`, for declarations independent of them.

    Example:
        >>> always(7)(20, 2.5)
        7
    """
    return lambda *_: value


def fast_before_slow(fast: int, slow: int, *_: float) -> str:
    """Return why the first two values contradict each other, or "": the fast length must be the shorter one.

    Example:
        >>> fast_before_slow(26, 12, 9), fast_before_slow(12, 26)
        ('fast = 26 must be shorter than slow = 12', '')
    """
    return "" if fast < slow else f"fast = {fast} must be shorter than slow = {slow}"


def _refusal(name: str, given: object, allowed: str, place: str) -> ConfigError:
    return ConfigError(f"{name} = {given} is not allowed", place=place, remedy=f"give {allowed}")
