"""Rule contract: a risk rule is a kernel that returns the interval of target positions that it permits.

The officer takes the intersection of all intervals, so the order of the rules cannot matter, and names the rule whose
bound was tightest. A limit of infinity switches a rule off: it is not evaluated.

A rule's kernel is::

    permit(account, books, index, instrument, params, ticks, target) -> (lowest, highest, measured, limit)

`lowest` ≤ 0 ≤ `highest` in signed lots, the same for every `target`: to hold nothing is always permitted. `measured` is
the rule's figure for `target`, journaled beside `limit`. `risk.permissions` has the intervals that several rules share.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from quaestor.jit.tables import Row
from quaestor.ledger.codes import Layer


@dataclass(frozen=True, slots=True)
class Setting:
    """One number of a rule: its name in the configuration, its value under each profile, its unit and meaning.

    `follows` names the setting whose value this one takes when that one is given and this one is not, unless the
    profile switches this one off.
    """

    name: str
    default: float
    conservative: float
    permissive: float
    unit: str
    meaning: str
    follows: str = ""


@dataclass(frozen=True, slots=True)
class ByRegime:
    """Numbers by regime: kernels index the field `name` of the rule's parameters by `Regime`."""

    name: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the officer. `settings[0]` is its limit.

    `always_evaluated`: the rule is evaluated though its limit is infinite, for another of its numbers or a breaker.
    """

    name: str
    layer: Layer
    permit: Callable[..., tuple[int, int, float, float]]
    settings: tuple[Setting, ...]
    regimes: ByRegime | None = None
    always_evaluated: bool = False

    @property
    def switch(self) -> str:
        """Return the setting that switches the rule off where it is infinite; empty where none does."""
        return "" if self.always_evaluated or not self.settings else self.settings[0].name

    @property
    def numbers(self) -> tuple[Setting, ...]:
        """Return every number of the rule, those by regime last."""
        return self.settings + (self.regimes.settings if self.regimes else ())

    @property
    def meaning(self) -> str:
        """Return the rule in a line: the first of its module's docstring."""
        return (sys.modules[self.permit.__module__].__doc__ or "").partition("\n")[0]

    @property
    def dtype(self) -> np.dtype[np.void]:
        """Return the layout of the rule's parameters."""
        fields: list[tuple[Any, ...]] = [(setting.name, "f8") for setting in self.settings]
        if self.regimes:
            fields.append((self.regimes.name, "f8", (len(self.regimes.settings),)))
        return np.dtype(fields or [("unused", "f8")], align=True)

    def pack(self, params: Row, values: Mapping[str, float]) -> None:
        """Write the values of the rule's numbers into its parameters."""
        for setting in self.settings:
            params[setting.name] = values[setting.name]
        if self.regimes:
            params[self.regimes.name] = [values[setting.name] for setting in self.regimes.settings]
