"""An explanation as one readable sentence."""

from datetime import UTC, datetime

from quaestor.explain.explanation import Explanation, OrderStep
from quaestor.explain.opinion import LearnedOpinion
from quaestor.explain.reason_text import asked_for, drift_of, reason_of, tell


def explanation_text(it: Explanation) -> str:
    """The chain from inputs to fills in plain words."""
    when = datetime.fromtimestamp(it.ts // 1_000_000_000, tz=UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    parts = [f"At {when} {it.symbol} closed at {it.close:,.8g}"]
    if it.flags:
        parts.append(f"the quality gate noted {', '.join(it.flags)}")
    parts.extend([_plain(it)] if it.opinion is None else _learned(it, it.opinion))
    parts.append(_officer(it))
    parts.extend(_orders(it))
    if it.result is not None:
        parts.append(f"the trade it opened made {it.result:+,.2f} {it.quote} after fees, before funding")
    return "; ".join(parts) + "."


def _figure(value: float) -> str:
    return f"{value:,.6g}" if value == value else "not known yet"


def _plain(it: Explanation) -> str:
    seen = ", ".join(f"{name} {_figure(value)}" for name, value in it.features.items())
    return f"{it.strategy} saw {seen} and {_opinion(it)} in a {it.regime.replace('_', ' ')} regime"


def _learned(it: Explanation, opinion: LearnedOpinion) -> list[str]:
    through = datetime.fromtimestamp(opinion.model.trained_through // 1_000_000_000, tz=UTC).strftime("%Y-%m-%d")
    model = f"model {opinion.model.sha256[:8]} (trained through {through})"
    why_not = reason_of(opinion, it.confidence)
    parts = [f"{model} {tell(opinion, it.regime)}", drift_of(opinion)]
    if not why_not:
        parts.append(f"that exceeds {asked_for(opinion)}, and it {_opinion(it)}, for {opinion.horizon} bars at most")
    elif it.signal:
        by = "" if it.decided is None else f" by decision {it.decided}"
        parts.append(f"nothing new was asked for: {why_not}; it goes on being {_side(it.signal)}{by}")
    else:
        parts.append(f"abstained: {why_not}")
    return [part for part in parts if part]


def _side(signal: float) -> str:
    return "long" if signal > 0.0 else "short"


def _opinion(it: Explanation) -> str:
    if it.signal is None:
        return "had no opinion yet"
    if it.signal == 0.0:
        return "wanted to be flat"
    return f"said {_side(it.signal)} (signal {it.signal:+.2f}, confidence {it.confidence:.2f})"


def _officer(it: Explanation) -> str:
    held, target, approved_target = (
        f"{value:,.8g} {it.base}" for value in (it.position, it.target, it.approved_target)
    )
    sized = f"{target} (sized by {it.sizer})" if it.sizer else target
    if it.verdict == "none":
        return (
            f"nothing was to be changed: {held} held" if it.target == it.position else f"{held} held, {target} working"
        )
    if it.verdict == "allow":
        return f"it held {held}, wanted {sized}, and the risk officer allowed it"
    figures = f"{_figure(it.measured)} against a limit of {_figure(it.limit)} {it.unit}" if it.unit else "no entries"
    if it.breakers:
        figures += f"; breakers set: {', '.join(it.breakers)}"
    why = f"({it.rule}: {figures}) by the rule “{it.meaning.rstrip('.')}”"
    if it.verdict == "shrink":
        return f"it held {held}, wanted {sized}, and the risk officer shrank that to {approved_target} {why}"
    return f"it held {held}, wanted {sized}, and the risk officer vetoed it {why}; {approved_target} would pass"


def _orders(it: Explanation) -> list[str]:
    fills = [step for step in it.orders if step.action == "fill"]
    ended = [
        step for step in it.orders if step.action in ("rejected", "expired", "cancelled") and step.purpose == "entry"
    ]
    if not it.orders:
        return ["no order was made"]
    texts = [_fill(step, it) for step in fills]
    texts += [f"order {step.order_id} was {step.action} ({step.reason})" for step in ended]
    return texts or ["its orders have not filled"]


def _fill(step: OrderStep, it: Explanation) -> str:
    verb = "bought" if step.side == "buy" else "sold"
    return (
        f"order {step.order_id} ({step.purpose.replace('_', ' ')}) {verb} {step.quantity:,.8g} {it.base} "
        f"at {step.price or 0.0:,.8g} for a fee of {step.fee:,.6g} {it.quote}"
    )
