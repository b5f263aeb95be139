"""Opinion tables: a trained opinion and its local lines for `quaestor why`."""

from rich.table import Table

from quaestor.cli.output import MISSING, format_number, format_percent, format_time, make_table
from quaestor.domain.wording import counted
from quaestor.explain.lime_explanation import LimeExplanation, Line
from quaestor.explain.opinion import TrainedOpinion
from quaestor.explain.reason_text import basis_points, drift_text, reason_of

#: Contributions that are shown; the rest add up in one line.
_SHOWN = 12


def add_opinion(table: Table, opinion: TrainedOpinion, confidence: float) -> None:
    """Add the stages of a trained model to the table of the chain."""
    model = opinion.model
    table.add_row("brain", "probability of the regime", f"{opinion.posterior:.3f}")
    table.add_row("brain", "model", f"{model.sha256[:12]}, trained through {format_time(model.trained_through)}")
    if model.since is not None:
        table.add_row("brain", "in use since", format_time(model.since))
    table.add_row("ensemble", "probability of a rise", format_percent(opinion.score))
    table.add_row("ensemble", "weight that disagrees", format_percent(opinion.noise))
    edge = f"edge of going {opinion.favours}" if opinion.favours else "edge"
    table.add_row("ensemble", edge, f"{basis_points(opinion.edge)} ± {basis_points(opinion.edge_error)}")
    table.add_row(
        "ensemble", "cost / edge required", f"{basis_points(opinion.cost)} / {basis_points(opinion.bar.required)}"
    )
    table.add_row("ensemble", "confidence / required", f"{confidence:.3f} / {opinion.bar.confidence_min:.3f}")
    table.add_row("ensemble", "abstained", reason_of(opinion, confidence) or "no")
    table.add_row("ensemble", "drift", drift_text(opinion) or "none")


def vote_table(opinion: TrainedOpinion) -> Table:
    """Return a table of each model's probability, weight and side."""
    numeric = {"probability of a rise", "weight"}
    table = make_table("Votes", "model", "kind", *sorted(numeric), "side", right=numeric)
    for vote in opinion.votes:
        probability = format_percent(vote.probability)
        table.add_row(vote.model, vote.kind, probability, f"{vote.weight:.3f}", vote.side or MISSING)
    return table


def contribution_table(opinion: TrainedOpinion) -> Table | None:
    """Return a table of what leads from base to pooled probability, in points; None where contributions are not
    known."""
    if opinion.base is None or opinion.score is None:
        return None
    numeric = {"value", "scaled", "points"}
    table = make_table("Contributions to the probability", "", "value", "scaled", "points", right=numeric)
    table.add_row("base: no feature known", "", "", f"{100.0 * opinion.base:.2f}")
    for part in opinion.parts[:_SHOWN]:
        points = f"{100.0 * part.contribution:+.2f}"
        table.add_row(part.name, format_number(part.value, 6), format_number(part.scaled, 3), points)
    rest = opinion.parts[_SHOWN:]
    if rest:
        total = sum(part.contribution for part in rest)
        table.add_row(counted(len(rest), "other"), "", "", f"{100.0 * total:+.2f}")
    table.add_row("probability of a rise", "", "", f"{100.0 * opinion.score:.2f}")
    return table


def lime_table(lime: LimeExplanation) -> Table:
    """Return a table of the straight line that fits the pooled probability around a decision, in points."""
    line = lime.pooled
    numeric = {"scaled", "points for 1 more", "±", "points"}
    table = make_table("Around this decision", "", "scaled", "points for 1 more", "±", "points", right=numeric)
    table.add_row("the line at the mean in training", "", "", "", f"{100.0 * line.base:.2f}")
    for slope in line.slopes[:_SHOWN]:
        figures = (f"{100.0 * slope.slope:+.3f}", f"{100.0 * slope.error:.3f}", f"{100.0 * slope.contribution:+.2f}")
        table.add_row(slope.name, format_number(slope.scaled, 3), *figures)
    rest = line.slopes[_SHOWN:]
    if rest:
        total = sum(slope.contribution for slope in rest)
        table.add_row(counted(len(rest), "other"), "", "", "", f"{100.0 * total:+.2f}")
    table.add_row("the line here", "", "", "", f"{100.0 * line.answer:.2f}")
    table.add_row("probability of a rise", "", "", "", f"{100.0 * line.probability:.2f}")
    return table


def lime_fit_text(lime: LimeExplanation) -> str:
    """Return how much of the models' probabilities around a decision the lines account for (R²)."""
    rows = f"over {lime.samples:,} rows drawn around this one"
    if lime.pooled.r2 is None:
        return f"The pooled probability is the same {rows}."
    each = ", ".join(f"{line.name} {_share(line)}" for line in lime.models)
    return (
        f"The line accounts for {lime.pooled.r2:.0%} (R²) of how the pooled probability varies {rows}; "
        f"of each model alone: {each}."
    )


def _share(line: Line) -> str:
    return "does not vary" if line.r2 is None else f"{line.r2:.0%}"
