"""A learned opinion in plain words."""

from quaestor.explain.opinion import LearnedOpinion

#: Features that a sentence names.
_TOLD = 3


def basis_points(fraction: float | None) -> str:
    """A fraction of the notional as text.

    Example:
        >>> basis_points(0.00264), basis_points(None)
        ('26.4 bp', 'unknown')
    """
    return "unknown" if fraction is None else f"{1e4 * fraction:,.3g} bp"


def tell(it: LearnedOpinion, regime: str) -> str:
    """What was seen and what came of it, as a clause."""
    state = f"a {regime.replace('_', ' ')} regime (probability {it.posterior:.2f})"
    if it.score is None:
        return f"saw {state} and had no opinion"
    voting = sum(1 for vote in it.votes if vote.probability is not None and vote.weight > 0.0)
    text = f"saw {state}, where {voting} models together gave a rise a probability of {it.score:.1%}"
    if it.parts:
        text += f" ({_most(it)})"
    return f"{text}: in training, that came with an edge of {_edge(it)} for {it.favours} positions before costs"


def _most(it: LearnedOpinion) -> str:
    """The most telling contributions, such as ``rsi_14 −1.2 points at 71.3``."""
    told = []
    for part in it.parts[:_TOLD]:
        at = "" if part.value is None else f" at {part.value:,.4g}"
        told.append(f"{part.name} {100.0 * part.contribution:+.2f} points{at}")
    return "most of all " + ", ".join(told)


def _edge(it: LearnedOpinion) -> str:
    return f"{basis_points(it.edge)} ± {basis_points(it.edge_error)}"


def reason_of(it: LearnedOpinion, confidence: float) -> str:
    """Why no position was asked for; empty where one was."""
    bar = it.bar
    reasons = {
        "none": "",
        "not_ready": _not_ready(it),
        "edge_below_cost": f"{_lower_bound(it)} does not exceed {_costs(it)}",
        "models_disagree": f"{it.noise or 0.0:.0%} of the weight disagrees with the rest, and {bar.noise_max:.0%} may",
        "not_confirmed": f"fewer than {bar.frames_min} looks back over the opinion point the same way",
        "thin_volume": f"less than {bar.volume_min:g} × the usual volume was traded",
        "low_confidence": f"a confidence of {confidence:.2f} is below the {bar.confidence_min:.2f} that is asked",
        "side_not_allowed": "it would have to sell short, which the settings do not allow",
        "drifted": "drift has stopped it until a new model or an operator lets it go on",
    }
    return reasons[it.reason]


def asked_for(it: LearnedOpinion) -> str:
    """What the edge has to exceed, such as ``costs of 26.1 bp and its standard error``."""
    if it.bar.sigmas == 0.0:
        return _costs(it)
    return f"{_costs(it)} and {_multiple(it.bar.sigmas)}its standard error"


def _costs(it: LearnedOpinion) -> str:
    return f"{_multiple(it.bar.margin)}costs of {basis_points(it.cost)}"


def _not_ready(it: LearnedOpinion) -> str:
    if it.missing:
        return f"not known yet: {', '.join(it.missing)}"
    return "no model has an opinion"


def _lower_bound(it: LearnedOpinion) -> str:
    text = f"expected edge of {basis_points(it.edge)}"
    if it.bar.sigmas == 0.0:
        return text
    return f"{text} less {_multiple(it.bar.sigmas)}its standard error of {basis_points(it.edge_error)}"


def _multiple(factor: float) -> str:
    return "" if factor == 1.0 else f"{factor:g} × "


def drift_of(it: LearnedOpinion) -> str:
    """What the drift response stood at; empty when there was nothing."""
    if it.level == "normal" and not it.alarms:
        return ""
    text = f"the drift response stands at {it.level.replace('_', ' ')}"
    return f"{text}, alarms now: {', '.join(it.alarms)}" if it.alarms else text
