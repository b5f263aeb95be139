"""Model tables of a run report: scores, drift and model changes of trained models."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from quaestor.brain.online.model_score import WINDOWS
from quaestor.report.load import SavedRun
from quaestor.report.tables import MISSING, number, table


def learning(run: SavedRun) -> str:
    """Return the scores of every model and the steps of the drift response; empty without a trained model."""
    entries = run.rows("learning")
    if not entries:
        return ""
    note = (
        "Each forecast was scored on its outcome, in the order of time; it must beat the base rate, which is that "
        "of always naming the more frequent outcome. A Brier score of 0.25 is that of always giving ½."
    )
    return (
        f"<h3>Forecast scores of the models</h3>{_scores(entries)}<p class=quiet>{escape(note)}</p>"
        f"<h3>Drift and model changes</h3>{_changes(entries)}"
    )


def _scores(entries: Sequence[Mapping[str, object]]) -> str:
    rows = []
    for entry in entries:
        for score in (*_maps([entry.get("pooled")]), *_maps(entry.get("models"))):
            windows = _maps(score.get("windows"))
            last: Mapping[str, object] = windows[-1] if windows else {}
            brier = last.get("brier")
            rows.append(
                [
                    escape(str(entry.get("symbol", ""))),
                    escape(str(score.get("model", ""))),
                    _cell(score.get("outcomes"), "count"),
                    *(_cell(window.get("accuracy"), "percent") for window in windows),
                    *([] if windows else [MISSING] * len(WINDOWS)),
                    _cell(last.get("base_rate"), "percent"),
                    f"{brier:.4f}" if isinstance(brier, float) else MISSING,
                    _cell(score.get("learned"), "count"),
                ]
            )
    right = [f"right of {size:,}" for size in WINDOWS]
    return table(["symbol", "model", "outcomes", *right, "base rate", "Brier", "learned"], rows, text_columns=2)


def _changes(entries: Sequence[Mapping[str, object]]) -> str:
    rows = []
    steps: list[str] = []
    for entry in entries:
        asked, escalations = _counts(entry.get("asked")), _counts(entry.get("escalations"))
        steps = steps or [name.replace("_", " ") for name in escalations]
        causes = entry.get("causes")
        listed = ", ".join(map(str, causes)) if isinstance(causes, list) and causes else MISSING
        named = (entry.get("symbol", ""), str(entry.get("in_use", ""))[:12], entry.get("level", ""), listed)
        figures: Iterable[object] = (
            sum(asked.values()),
            entry.get("promoted"),
            entry.get("kept"),
            entry.get("rolled_back"),
            *escalations.values(),
        )
        rows.append(
            [*(escape(str(word).replace("_", " ")) for word in named), *(_cell(figure, "count") for figure in figures)]
        )
    headings = ["symbol", "model", "level", "causes", "trainings", "promoted", "kept", "rolled back", *steps]
    return table(headings, rows, text_columns=4)


def _maps(value: object) -> list[Mapping[str, object]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _counts(value: object) -> dict[str, int]:
    return {str(k): v for k, v in value.items() if isinstance(v, int)} if isinstance(value, Mapping) else {}


def _cell(value: object, kind: str) -> str:
    return number(float(value) if isinstance(value, int | float) else None, kind)
