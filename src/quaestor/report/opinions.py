"""Opinion section of a run report: votes, weights, edge, drift and importance of trained models."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

import msgspec
import polars as pl

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.analysis.opinion_log import OpinionFigures
from quaestor.errors import ConfigError, DataError, ModelError
from quaestor.explain.importance import EXPLAINED_ROWS, recorded_importance
from quaestor.report import opinion_figures
from quaestor.report.document import chart
from quaestor.report.experiment_tables import importance
from quaestor.report.figures import Figure
from quaestor.report.load import SavedRun
from quaestor.report.reliability import reliability

_REASONS = {
    "none": "a position was taken",
    "not_ready": "no opinion yet",
    "edge_below_cost": "the edge did not exceed the costs",
    "models_disagree": "the models disagreed",
    "not_confirmed": "not confirmed",
    "thin_volume": "too little was traded",
    "low_confidence": "confidence too low",
    "side_not_allowed": "short positions not allowed",
    "drifted": "stopped by drift",
}


def opinions(run: SavedRun, position: int, charts: dict[str, Figure]) -> str:
    """Return charts of votes, weights, edge and drift, and the importance of features; empty without a trained
    model."""
    if run.opinions is None:
        return ""
    parts = []
    found = _read_figures(run)
    for k, figures in enumerate(found):
        own = run.opinions.filter(pl.col("symbol") == figures.symbol)
        parts.append(_symbol(figures, own, f"opinions-{position}-{k}", charts, several=len(found) > 1))
    return "<h3>Opinions of the models</h3>" + "".join(parts)


def _symbol(figures: OpinionFigures, own: pl.DataFrame, name: str, charts: dict[str, Figure], *, several: bool) -> str:
    counts = [(_REASONS.get(reason, reason), count) for reason, count in figures.abstentions.items() if count]
    made: Mapping[str, tuple[str, Figure]] = {
        "reasons": ("Bars by what was decided", opinion_figures.abstentions(counts)),
        "edge": (
            "Expected edge against costs, of the drawn bars; below, the drift response",
            opinion_figures.edge_and_drift(own),
        ),
        "votes": ("Probability of a rise, by model and together", opinion_figures.votes(own, figures.models)),
        "weights": ("Weights of the models", opinion_figures.weights(own, figures.models)),
        "reliability": (
            "Reliability: how often a rise came, by the probability given before; the marks grow with the outcomes",
            reliability(figures.live),
        ),
    }
    elements = []
    for key, (title, figure) in made.items():
        charts[f"{name}-{key}"] = figure
        elements.append(chart(f"{name}-{key}", title))
    heading = f"<h4>{escape(figures.symbol)}</h4>" if several else ""
    return f"{heading}{''.join(elements)}<h4>Importance of features in the last model</h4>{_importance(figures, own)}"


def _importance(figures: OpinionFigures, own: pl.DataFrame) -> str:
    """Return the importance over recorded inputs; where it cannot be measured, the reason."""
    try:
        artefact = DirectoryModelStore(Path(figures.store)).get(figures.in_use)
        found = recorded_importance(artefact, own.filter(pl.col("ts") > figures.since))
    except (ConfigError, ModelError) as error:
        return f"<p class=quiet>Not measured: {escape(str(error))}</p>"
    return importance(found) + f"<p class=quiet>Over the last {EXPLAINED_ROWS} inputs of the drawn bars.</p>"


def _read_figures(run: SavedRun) -> list[OpinionFigures]:
    try:
        return msgspec.convert(run.rows("opinions"), list[OpinionFigures])
    except msgspec.ValidationError as error:
        place = str(run.path / "summary.json")
        raise DataError(f"opinions: {error}", place=place, remedy="run the backtest again with --out") from error
