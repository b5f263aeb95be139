"""Experiment verdict: whether the figures are evidence of an edge after costs, as one finding and a few sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from quaestor.domain.wording import counted
from quaestor.research.experiment.money import Comparison, Money

#: Least probability that the Sharpe ratio exceeds what the trials explain, for evidence of an edge.
DEFLATED_MIN = 0.95


class Finding(StrEnum):
    """Conclusion from the figures."""

    EDGE = "edge"
    NO_EVIDENCE = "no_evidence"
    LOSS = "loss"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Finding, and the sentences that state it."""

    finding: Finding
    sentence: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Figures that a verdict rests on.

    Attributes:
        learned: on the walk-forward test; `holdout`: on the hold-out, None where it stayed closed.
        others: holding and the classical strategies on the walk-forward test.
        versus: the trained strategy beside each of them, in order.
        accuracy, base_rate: of the pooled forecasts; NaN without any.
        deciding: share of bars with a decision; `reason`: the most frequent one for none.
    """

    learned: Money
    holdout: Money | None
    others: Sequence[Money]
    versus: Sequence[Comparison]
    accuracy: float
    base_rate: float
    deciding: float
    reason: str
    trials: int


def conclude(evidence: Evidence) -> Verdict:
    """Return the verdict of the figures.

    An edge takes all of: a gain after costs, a confidence band of the Sharpe ratio above 0, a deflated Sharpe
    probability of 0.95, and a hold-out, where it was opened, without a loss. A loss is a band below 0.
    """
    finding = _finding(evidence)
    openings = {
        Finding.EDGE: "Evidence of an edge after costs",
        Finding.NO_EVIDENCE: "No evidence of an edge after costs",
        Finding.LOSS: "It loses money after costs",
    }
    parts = [f"{openings[finding]}: {_walk(evidence)}", _beside(evidence), _forecasts(evidence), _holdout(evidence)]
    if finding is Finding.EDGE:
        parts.append("One period of history is one sample: it does not predict the next.")
    return Verdict(finding, " ".join(part for part in parts if part))


def _finding(evidence: Evidence) -> Finding:
    learned, band = evidence.learned, evidence.learned.sharpe_band
    if band is not None and band.high < 0.0:
        return Finding.LOSS
    proven = band is not None and band.low > 0.0 and (learned.deflated or 0.0) >= DEFLATED_MIN
    held = evidence.holdout is None or evidence.holdout.total_return > 0.0
    return Finding.EDGE if proven and held and learned.total_return > 0.0 else Finding.NO_EVIDENCE


def _walk(evidence: Evidence) -> str:
    learned = evidence.learned
    if not learned.trades:
        return f"the trained strategy made no trade in the walk-forward test (most often: {_spaced(evidence.reason)})."
    text = f"in the walk-forward test the trained strategy {_moved(learned.total_return)}"
    text += f" in {counted(learned.trades, 'trade')}"
    if learned.sharpe is not None and learned.sharpe_band is not None:
        band = learned.sharpe_band
        text += f", a net Sharpe ratio of {learned.sharpe:.2f} (95 %: {band.low:.2f} to {band.high:.2f})"
    if learned.deflated is not None:
        tried = counted(evidence.trials, "trial")
        text += f", above 0 with a probability of {learned.deflated:.2f} after {tried}"
    return f"{text}."


def _beside(evidence: Evidence) -> str:
    ahead = [v.name for v in evidence.versus if v.sharpe_difference is not None and v.sharpe_difference > 0.0]
    surely = [v.name for v in evidence.versus if v.band is not None and v.band.low > 0.0]
    behind = [v.name for v in evidence.versus if v.band is not None and v.band.high < 0.0]
    if not evidence.versus:
        return ""
    text = f"Its Sharpe ratio is above that of {len(ahead)} of {len(evidence.versus)} alternatives"
    text += f", clearly only above {_listed(surely)}" if surely else ", clearly above none"
    return f"{text}{f', clearly below {_listed(behind)}' if behind else ''}."


def _forecasts(evidence: Evidence) -> str:
    if evidence.accuracy != evidence.accuracy:
        return ""
    better = "better" if evidence.accuracy > evidence.base_rate else "no better"
    return (
        f"Its forecasts were right {evidence.accuracy:.1%} of the time, {better} than always naming the more frequent "
        f"outcome ({evidence.base_rate:.1%}); it took a decision at {evidence.deciding:.1%} of the bars."
    )


def _holdout(evidence: Evidence) -> str:
    held = evidence.holdout
    if held is None:
        return "The hold-out was not opened."
    if not held.trades:
        return "On the hold-out it made no trade."
    return f"On the hold-out it {_moved(held.total_return)} in {counted(held.trades, 'trade')}."


def _moved(change: float) -> str:
    if change == 0.0:
        return "neither gained nor lost"
    return f"{'gained' if change > 0.0 else 'lost'} {abs(change):.2%}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _spaced(code: str) -> str:
    return code.replace("_", " ")
