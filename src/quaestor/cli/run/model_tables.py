"""Model tables: scores of a run's trained models and their changes."""

from collections.abc import Sequence

from rich.table import Table

from quaestor.analysis.model_figures import LearningFigures, ModelScore
from quaestor.brain.online.model_score import WINDOWS
from quaestor.cli.output import MISSING, format_number, format_percent, make_table


def learning_tables(figures: Sequence[LearningFigures]) -> tuple[Table, Table]:
    """Return the tables of model scores, and of drift and model changes; of one instrument or more."""
    return _scores(figures), _changes(figures)


def _scores(figures: Sequence[LearningFigures]) -> Table:
    numbers = ("outcomes", *(f"right of {size:,}" for size in WINDOWS), "base rate", "Brier", "learned", "rate")
    table = make_table("Forecast scores of the models", "symbol", "model", *numbers, right=set(numbers))
    for entry in figures:
        for score in (entry.pooled, *entry.models):
            table.add_row(entry.symbol, *_score_cells(score))
    return table


def _score_cells(score: ModelScore) -> list[str]:
    windows = score.windows
    return [
        score.model,
        format_number(score.outcomes, 0),
        *(format_percent(window.accuracy) for window in windows),
        *([] if windows else [MISSING] * len(WINDOWS)),
        format_percent(windows[-1].base_rate) if windows else MISSING,
        f"{windows[-1].brier:.4f}" if windows else MISSING,
        format_number(score.learned, 0),
        MISSING if score.learning_rate is None else f"{score.learning_rate:.4g}",
    ]


def _changes(figures: Sequence[LearningFigures]) -> Table:
    steps = [name.replace("_", " ") for name in figures[0].escalations]
    counts = ("trainings", "promoted", "kept", "rolled back", *steps)
    table = make_table("Drift and model changes", "symbol", "model", "level", "causes", *counts, right=set(counts))
    for entry in figures:
        counted = (
            sum(entry.asked.values()),
            entry.promoted,
            entry.kept,
            entry.rolled_back,
            *entry.escalations.values(),
        )
        named = (entry.symbol, entry.in_use[:12], entry.level.replace("_", " "), ", ".join(entry.causes) or MISSING)
        table.add_row(*named, *(format_number(figure, 0) for figure in counted))
    return table
