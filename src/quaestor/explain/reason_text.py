"""Opinion text: a trained opinion, its reason to abstain and its drift response as clauses."""

from quaestor.domain.wording import counted
from quaestor.explain.opinion import TrainedOpinion

#: Contributions that the text names.
_NAMED_PARTS = 3


def basis_points(fraction: float | None) -> str:
    """Return a fraction of the notional as text.

    Example:
        >>> basis_points(0.00264), basis_points(None)
        ('26.4 bp', 'unknown')
    """
    return "unknown" if fraction is None else f"{1e4 * fraction:,.3g} bp"


def opinion_text(opinion: TrainedOpinion, regime: str) -> str:
    """Return regime, pooled probability and edge as a clause."""
    named = f"named a {regime.replace('_', ' ')} regime (probability {opinion.posterior:.2f})"
    if opinion.score is None:
        return f"{named} and had no opinion"
    voting = sum(1 for vote in opinion.votes if vote.probability is not None and vote.weight > 0.0)
    text = f"{named}, where {counted(voting, 'model')} together gave a rise a probability of {opinion.score:.1%}"
    if opinion.parts:
        text += f" ({_largest_parts(opinion)})"
    edge = f"an edge of {_edge(opinion)} for {opinion.favours} positions before costs"
    return f"{text}: in training, that came with {edge}"


def _largest_parts(opinion: TrainedOpinion) -> str:
    """Return the largest contributions, such as ``rsi_14 −1.2 points at 71.3``."""
    parts = []
    for part in opinion.parts[:_NAMED_PARTS]:
        at = "" if part.value is None else f" at {part.value:,.4g}"
        parts.append(f"{part.name} {100.0 * part.contribution:+.2f} points{at}")
    return "largest contributions: " + ", ".join(parts)


def _edge(opinion: TrainedOpinion) -> str:
    return f"{basis_points(opinion.edge)} ± {basis_points(opinion.edge_error)}"


def reason_of(opinion: TrainedOpinion, confidence: float) -> str:
    """Return why the model abstained; empty where it decided."""
    bar = opinion.bar
    disagreeing = f"{opinion.noise or 0.0:.0%} of the weight disagrees with the rest"
    reasons = {
        "none": "",
        "not_ready": _not_ready(opinion),
        "edge_below_cost": f"{_lower_bound(opinion)} does not exceed {_costs(opinion)}",
        "models_disagree": f"{disagreeing}, and {bar.noise_max:.0%} may",
        "not_confirmed": f"fewer than {bar.frames_min} looks back over the opinion point the same way",
        "thin_volume": f"less than {bar.volume_min:g} × the usual volume was traded",
        "low_confidence": f"a confidence of {confidence:.2f} is below the {bar.confidence_min:.2f} that is required",
        "side_not_allowed": "it would have to sell short, which the settings do not allow",
        "drifted": "stopped by drift until a new model comes into use or an operator resumes it",
    }
    return reasons[opinion.reason]


def required_edge_text(opinion: TrainedOpinion) -> str:
    """Return what the edge has to exceed, such as ``costs of 26.1 bp and its standard error``."""
    if opinion.bar.sigmas == 0.0:
        return _costs(opinion)
    return f"{_costs(opinion)} and {_multiple(opinion.bar.sigmas)}its standard error"


def _costs(opinion: TrainedOpinion) -> str:
    return f"{_multiple(opinion.bar.margin)}costs of {basis_points(opinion.cost)}"


def _not_ready(opinion: TrainedOpinion) -> str:
    if opinion.missing:
        return f"not known yet: {', '.join(opinion.missing)}"
    return "no model has an opinion"


def _lower_bound(opinion: TrainedOpinion) -> str:
    text = f"expected edge of {basis_points(opinion.edge)}"
    if opinion.bar.sigmas == 0.0:
        return text
    return f"{text} less {_multiple(opinion.bar.sigmas)}its standard error of {basis_points(opinion.edge_error)}"


def _multiple(factor: float) -> str:
    return "" if factor == 1.0 else f"{factor:g} × "


def drift_text(opinion: TrainedOpinion) -> str:
    """Return level and alarms of the drift response; empty at the normal level without an alarm."""
    if opinion.level == "normal" and not opinion.alarms:
        return ""
    text = f"drift response at level {opinion.level.replace('_', ' ')}"
    return f"{text}, alarms now: {', '.join(opinion.alarms)}" if opinion.alarms else text
