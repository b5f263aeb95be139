"""Configuration problems: mistakes in settings, collected so that one error reports them all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from quaestor.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: its place, what is wrong, and what to give instead."""

    place: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f" — {self.remedy}" if self.remedy else "")


def to_error(problems: Sequence[Problem]) -> ConfigError:
    """Return one error for all problems, each on a line of its own where there are several."""
    if len(problems) == 1:
        only = problems[0]
        return ConfigError(only.what, place=only.place, remedy=only.remedy)
    lines = "".join(f"\n  {number}. {problem}" for number, problem in enumerate(problems, start=1))
    return ConfigError(f"{len(problems)} settings are wrong:{lines}", place="configuration")


def suggest(name: str, known: Iterable[str]) -> str:
    """Return the known names close to a wrong one as a question, or all known names.

    Example:
        >>> suggest("fee_bp", ["fee_bps", "latency_ms"])
        'did you mean fee_bps?'
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"
