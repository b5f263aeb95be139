"""Explanation text: the chain of one decision, from inputs to fills, as one sentence."""

from datetime import UTC, datetime

from quaestor.domain.wording import counted
from quaestor.explain.explanation import Explanation, OrderStep
from quaestor.explain.opinion import TrainedOpinion
from quaestor.explain.reason_text import drift_text, opinion_text, reason_of, required_edge_text


def explanation_text(explanation: Explanation) -> str:
    """Return the explanation as one sentence."""
    when = datetime.fromtimestamp(explanation.ts // 1_000_000_000, tz=UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    parts = [f"At {when} {explanation.symbol} closed at {explanation.close:,.8g}"]
    if explanation.flags:
        parts.append(f"the quality gate noted {', '.join(explanation.flags)}")
    parts += [_plain(explanation)] if explanation.opinion is None else _trained(explanation, explanation.opinion)
    parts.append(_officer(explanation))
    parts += _orders(explanation)
    if explanation.result is not None:
        made = f"{explanation.result:+,.2f} {explanation.quote}"
        parts.append(f"the trade it opened made {made} after fees, before funding")
    return "; ".join(parts) + "."


def _figure(value: float) -> str:
    return f"{value:,.6g}" if value == value else "not known yet"


def _plain(explanation: Explanation) -> str:
    figures = {name: f"{name} {_figure(value)}" for name, value in explanation.features.items()}
    inputs = ", ".join(text for name, text in figures.items() if name not in explanation.regime_features)
    regime = f"in a {explanation.regime.replace('_', ' ')} regime"
    if explanation.regime_features:
        regime += f" (from {', '.join(figures[name] for name in explanation.regime_features)})"
    return f"{explanation.strategy} read {inputs} and {_signal(explanation)} {regime}"


def _trained(explanation: Explanation, opinion: TrainedOpinion) -> list[str]:
    through = datetime.fromtimestamp(opinion.model.trained_through // 1_000_000_000, tz=UTC).strftime("%Y-%m-%d")
    model = f"model {opinion.model.sha256[:8]} (trained through {through})"
    why_not = reason_of(opinion, explanation.confidence)
    parts = [f"{model} {opinion_text(opinion, explanation.regime)}", drift_text(opinion)]
    if not why_not:
        signal = f"{_signal(explanation)}, for {counted(opinion.horizon, 'bar')} at most"
        parts.append(f"that exceeds {required_edge_text(opinion)}, and it {signal}")
    elif explanation.signal:
        of = "" if explanation.decided is None else f" of decision {explanation.decided}"
        parts.append(f"abstained: {why_not}; the {_side(explanation.signal)} position{of} is kept")
    else:
        parts.append(f"abstained: {why_not}")
    return [part for part in parts if part]


def _side(signal: float) -> str:
    return "long" if signal > 0.0 else "short"


def _signal(explanation: Explanation) -> str:
    signal = explanation.signal
    if signal is None:
        return "had no opinion yet"
    if signal == 0.0:
        return "signalled flat"
    return f"signalled {_side(signal)} (signal {signal:+.2f}, confidence {explanation.confidence:.2f})"


def _officer(explanation: Explanation) -> str:
    lots = (explanation.position, explanation.target, explanation.approved_target)
    held, target, approved_target = (f"{value:,.8g} {explanation.base}" for value in lots)
    if explanation.verdict == "none":
        is_unchanged = explanation.target == explanation.position
        return f"nothing was to be changed: {held} held" if is_unchanged else f"{held} held, {target} working"
    sized = f"{target} (sized by {explanation.sizer})" if explanation.sizer else target
    request = f"{held} held, a target of {sized}, and the risk officer"
    if explanation.verdict == "allow":
        return f"{request} allowed it"
    why = f"({explanation.rule}: {_figures(explanation)}) by the rule “{explanation.meaning.rstrip('.')}”"
    if explanation.verdict == "shrink":
        return f"{request} shrank that to {approved_target} {why}"
    return f"{request} vetoed it {why}; {approved_target} would pass"


def _figures(explanation: Explanation) -> str:
    """Return a rule's figure and limit, and the breakers that are set."""
    figures = "no entries"
    if explanation.unit:
        measured, limit = _figure(explanation.measured), _figure(explanation.limit)
        figures = f"{measured} against a limit of {limit} {explanation.unit}"
    return f"{figures}; breakers set: {', '.join(explanation.breakers)}" if explanation.breakers else figures


def _orders(explanation: Explanation) -> list[str]:
    if not explanation.orders:
        return ["no order was made"]
    texts = [_fill(step, explanation) for step in explanation.orders if step.action == "fill"]
    for step in explanation.orders:
        if step.action in ("rejected", "expired", "cancelled") and step.purpose == "entry":
            texts.append(f"order {step.order_id} was {step.action} ({step.reason})")
    return texts or ["its orders have not filled"]


def _fill(step: OrderStep, explanation: Explanation) -> str:
    verb = "bought" if step.side == "buy" else "sold"
    return (
        f"order {step.order_id} ({step.purpose.replace('_', ' ')}) {verb} {step.quantity:,.8g} {explanation.base} "
        f"at {step.price or 0.0:,.8g} for a fee of {step.fee:,.6g} {explanation.quote}"
    )
