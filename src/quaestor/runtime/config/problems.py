"""Mistakes in what was given, collected so that all are told at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from quaestor.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where, what, and what to give instead."""

    place: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f" — {self.remedy}" if self.remedy else "")


def to_error(problems: Sequence[Problem]) -> ConfigError:
    """One error for all mistakes, each on its line when there are several."""
    if len(problems) == 1:
        only = problems[0]
        return ConfigError(only.what, place=only.place, remedy=only.remedy)
    lines = "".join(f"\n  {number}. {problem}" for number, problem in enumerate(problems, start=1))
    return ConfigError(f"{len(problems)} settings are wrong:{lines}", place="configuration")


def suggest(name: str, known: Iterable[str]) -> str:
    """What a wrong name was probably meant to be, or what there is.

    Example:
        >>> suggest("fee_bp", ["fee_bps", "latency_ms"])
        'did you mean fee_bps?'
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"
