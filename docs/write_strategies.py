"""Write the tables of docs/reference/strategies.md from the catalogue; everything above the marker is kept.

Run from anywhere: ``python docs/write_strategies.py``.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from quaestor.brain.alpha.catalog import CATALOG
from quaestor.brain.alpha.contract import Alpha
from quaestor.brain.trained.settings import NAME, PARAMETERS
from quaestor.domain.parameter import Choice, Parameter

PAGE = Path(__file__).resolve().parent / "reference" / "strategies.md"
MARKER = "<!-- from here on written by docs/write_strategies.py -->"


def page(text: str) -> str:
    """The page with fresh tables."""
    head = text.partition(MARKER)[0]
    return "\n".join([f"{head}{MARKER}\n", *_lines(), ""])


def _lines() -> Iterator[str]:
    for k, alpha in enumerate(CATALOG):
        yield ("\n" if k else "") + f"## {alpha.name}\n"
        yield from _about(alpha)
    yield f"\n## {NAME}\n"
    yield "What [models](models.md) that were [trained](../how-to/train.md) make of it, after the filter above.\n"
    yield from _table(PARAMETERS)


def _about(alpha: Alpha) -> Iterator[str]:
    regimes = ", ".join(f"`{regime.name}`" for regime in alpha.best_regimes)
    yield f"{alpha.doc}\n"
    yield f"Source: {alpha.source}. Preferred in {regimes}.\n"
    yield from _table(alpha.parameters)


def _table(parameters: Iterable[Parameter]) -> Iterator[str]:
    yield "| parameter | default | range | |"
    yield "|---|---|---|---|"
    for parameter in parameters:
        yield f"| `{parameter.name}` | {parameter.format(parameter.default)} | {_range(parameter)} | {parameter.doc} |"


def _range(parameter: Parameter) -> str:
    if isinstance(parameter, Choice):
        return ", ".join(member.name.lower() for member in type(parameter.default))
    return f"{parameter.format(parameter.low)} – {parameter.format(parameter.high)}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
