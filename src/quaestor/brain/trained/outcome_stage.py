"""Outcome stage: updates online models, scores and the drift response by the opinions that a closed bar settles."""

from quaestor.brain.online.drift.adwin import update_adwin
from quaestor.brain.online.drift.cusum import set_reference, update_cusum
from quaestor.brain.online.drift.page_hinkley import update_page_hinkley
from quaestor.brain.online.drift_response import ERROR, INPUTS, PREDICTIONS, PROFIT, escalate
from quaestor.brain.online.linear import learn, raise_rate
from quaestor.brain.online.model_score import score
from quaestor.brain.online.outcomes import observe
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row
from quaestor.numeric.elementary import natural_log

#: Bounds of detector inputs: largest square of a scaled input, least distance of a probability from 0.
_SQUARE_MAX = 9.0
_CERTAIN = 1e-6


@kernel
def learn_outcomes(s: Row, trained: Row, trading: Row, columns: Matrix, k: int) -> int:
    """Settle opinions by bar k, learn from their outcomes, and return the bits of the detectors that alarm."""
    alarms = 0
    outcomes = s["outcomes"]
    settled = observe(outcomes, trained["barrier"], columns, k)
    for place in range(settled):
        opinion = outcomes["pending"][outcomes["slots"][place]]
        up = opinion["up"] == 1
        for j in range(len(s["learners"])):
            learn(s["learners"][j], trading["learners"][j], opinion["x"], up)
        for j in range(len(s["model_scores"])):
            score(s["model_scores"][j], trading["model_score"], opinion["votes"][j], up)
        score(s["pooled"], trading["model_score"], opinion["pooled"], up)
        alarms |= _watch_outcome(s, trained, trading, opinion)
    return alarms


@kernel
def _watch_outcome(s: Row, trained: Row, trading: Row, opinion: Row) -> int:
    """Add error, loss and profit of an outcome to its block; return the bits of the detectors that alarm at its end.

    A block is one horizon of outcomes, since neighbours share most of their bars.
    """
    right = opinion["pooled"] if opinion["up"] == 1 else 1.0 - opinion["pooled"]
    if right != right:
        return 0
    block = s["block"]
    block["settled"] += 1
    block["error"] += 1.0 if right < 0.5 else (0.5 if right == 0.5 else 0.0)
    block["loss"] -= natural_log(max(right, _CERTAIN))
    if opinion["decided"] != 0:  # profit after costs, as a multiple of the expected move
        block["decided"] += 1
        block["profit"] += (opinion["decided"] * opinion["change"] - opinion["cost"]) / opinion["width"]
    return _end_block(s, trained, trading) if block["settled"] >= trained["barrier"]["rows"] else 0


@kernel
def expect_loss(s: Row, trained: Row, trading: Row) -> None:
    """Set the loss detector's reference to the out-of-fold loss, where that is known."""
    if trained["expected"]["loss_deviation"] > 0.0:
        set_reference(s["loss"], trading["loss"], trained["expected"]["loss"], trained["expected"]["loss_deviation"])


@kernel
def expect_profit(s: Row, trained: Row, trading: Row) -> None:
    """Set the profit detector's reference to 0: each decision was expected to earn more than its cost."""
    if trained["expected"]["profit_deviation"] > 0.0:
        set_reference(s["profit"], trading["profit"], 0.0, trained["expected"]["profit_deviation"])


@kernel
def _end_block(s: Row, trained: Row, trading: Row) -> int:
    block, rows = s["block"], trained["barrier"]["rows"]
    wrong = update_adwin(s["errors"], trading["errors"], block["error"] / rows)
    worse = update_cusum(s["loss"], trading["loss"], block["loss"] / rows)
    alarms = ERROR if wrong or worse else 0
    if worse:
        expect_loss(s, trained, trading)
    if block["decided"] > 0:
        if update_cusum(s["profit"], trading["profit"], block["profit"] / block["decided"]):
            alarms |= PROFIT
            expect_profit(s, trained, trading)
    block["settled"] = 0
    block["decided"] = 0
    block["error"] = 0.0
    block["loss"] = 0.0
    block["profit"] = 0.0
    return alarms


@kernel
def watch_inputs(s: Row, trading: Row, pooled: float, rows: int) -> int:
    """Return the bits of the detectors that alarm on block means of the inputs `s["x"]` and the predictions."""
    x = s["x"]
    total = 0.0
    for f in range(len(x)):
        total += min(x[f] * x[f], _SQUARE_MAX)
    block = s["block"]
    block["count"] += 1
    block["score"] += pooled
    block["inputs"] += total / len(x)
    if block["count"] < rows:
        return 0
    alarms = INPUTS if update_page_hinkley(s["inputs"], trading["inputs"], block["inputs"] / rows) else 0
    if update_adwin(s["predictions"], trading["predictions"], block["score"] / rows):
        alarms |= PREDICTIONS
    block["count"] = 0
    block["score"] = 0.0
    block["inputs"] = 0.0
    return alarms


@kernel
def react(s: Row, trading: Row, alarms: int) -> None:
    """Update the drift response by the alarms of a row; an alarm on errors sets learning rates back to their start."""
    escalate(s["drift_response"], trading["drift_response"], alarms, s["outcomes"]["settled"])
    if alarms & ERROR:
        for j in range(len(s["learners"])):
            raise_rate(s["learners"][j])
