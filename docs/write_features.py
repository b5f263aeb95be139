"""Write the tables of docs/reference/features.md from the catalogue; everything above the marker is kept.

Run from anywhere: ``python docs/write_features.py``.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from quaestor.features.catalog import CATALOG
from quaestor.features.feature import Feature

PAGE = Path(__file__).resolve().parent / "reference" / "features.md"
MARKER = "<!-- from here on written by docs/write_features.py -->"


def page(text: str) -> str:
    """The page with fresh tables."""
    head = text.partition(MARKER)[0]
    return "\n".join([f"{head}{MARKER}\n", *_lines(), ""])


def _lines() -> Iterator[str]:
    by_family = sorted(CATALOG, key=lambda feature: feature.family)
    outputs = sum(len(feature.outputs) for feature in CATALOG)
    yield f"{len(CATALOG)} definitions with {outputs} outputs."
    for family, features in groupby(by_family, key=lambda feature: feature.family):
        yield f"\n## {family.replace('_', ' ').capitalize()}\n"
        yield "| name | meaning | outputs | units | warm-up | source |"
        yield "|---|---|---|---|---|---|"
        yield from (_row(feature) for feature in features)


def _row(feature: Feature) -> str:
    default = feature.instance()
    outputs = "" if feature.outputs == (feature.name,) else ", ".join(f"`{name}`" for name in feature.outputs)
    cells = (f"`{default.stem}`", feature.doc, outputs, feature.units, str(default.warmup), feature.source)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
