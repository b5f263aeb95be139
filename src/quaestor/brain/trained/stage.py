"""Trained stage: learns from each bar, pools the models' predictions, compares edge and cost, decides or abstains."""

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.ensemble.confidence import market_factor, percentile
from quaestor.brain.ensemble.costs import cost_of
from quaestor.brain.ensemble.curve import curve_at
from quaestor.brain.ensemble.pool import live_factor, pool
from quaestor.brain.ensemble.signal_filter import confirmations, look_back, reason_to_abstain
from quaestor.brain.models.contract import Family
from quaestor.brain.models.predict import predict
from quaestor.brain.online.drift_response import Level, size_factor
from quaestor.brain.online.linear import predict as predict_online
from quaestor.brain.online.outcomes import remember
from quaestor.brain.trained.outcome_stage import expect_loss, expect_profit, learn_outcomes, react, watch_inputs
from quaestor.brain.trained.outputs import Output, alpha_row, input_row, probability_row, weight_row
from quaestor.domain.market_matrix import Column
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.ledger.codes import Abstention

#: Rows of the stage's own features: volatility of a bar over the barriers' window, and over a short one.
VOLATILITY, SHORT_VOLATILITY = 0, 1


@kernel
def advance(
    state: Table,
    trained_table: Table,
    models: Table,
    nodes: Table,
    learners: Table,
    trading_table: Table,
    ts: NDArray[np.int64],
    features: Matrix,
    columns: Matrix,
    funding: Matrix,
    opinion: Matrix,
    regimes: NDArray[np.int8],
    i: int,
    n: int,
) -> None:
    """Write rows i … n−1 of `opinion`, which holds scaled inputs, rules' signals and regime probability already."""
    s, trained, trading = state[0], trained_table[0], trading_table[0]
    if s["begun"] == 0:
        s["begun"] = 1
        for j in range(len(learners)):
            s["learners"][j] = learners[j]
        expect_loss(s, trained, trading)
        expect_profit(s, trained, trading)
    for k in range(i, n):
        if funding[0, k] + funding[1, k] != 0.0:
            s["funding_rate"] = funding[0, k] + funding[1, k]
        alarms = learn_outcomes(s, trained, trading, columns, k)
        volatility = features[VOLATILITY, k]
        close = columns[Column.CLOSE, k]
        if not (take_inputs(s, opinion, len(models), k) and volatility > 0.0 and close > 0.0):
            react(s, trading, alarms)
            _write_no_opinion(s, opinion, len(models), k)
            continue
        pooled, noise = _pool_votes(s, trained, trading, models, nodes, opinion, regimes[k], k)
        if pooled != pooled:
            react(s, trading, alarms)
            _write_no_opinion(s, opinion, len(models), k)
            continue
        react(s, trading, alarms | watch_inputs(s, trading, pooled, trained["barrier"]["rows"]))
        _decide(s, trained, trading, ts, features, columns, opinion, regimes, pooled, noise, k)
        s["last_close"] = close


@kernel
def take_inputs(s: Row, opinion: Matrix, models: int, k: int) -> bool:
    """Copy the scaled inputs of a row to the state, rounded, and scaled to length 1; return whether none is missing."""
    x, unit = s["x"], s["unit"]
    first = input_row(models, 0)
    squares = 0.0
    for f in range(len(x)):
        x[f] = np.float32(opinion[first + f, k])
        squares += x[f] * x[f]
    if not squares < np.inf:
        return False
    scale = 1.0 / np.sqrt(squares) if squares > 0.0 else 0.0
    for f in range(len(x)):
        unit[f] = x[f] * scale
    return True


@kernel
def _pool_votes(
    s: Row, trained: Row, trading: Row, models: Table, nodes: Table, opinion: Matrix, regime: int, k: int
) -> tuple[float, float]:
    """Write votes and weights to the state and the opinion; return the pooled probability of up, and the noise."""
    votes, weights = s["votes"], s["weights"]
    take_votes(s, trained, models, nodes, opinion, k)
    best = np.inf
    for j in range(len(models)):
        if s["model_scores"][j]["count"] >= trading["outcomes_min"]:
            best = min(best, s["model_scores"][j]["log_loss"])
    for j in range(len(models)):
        weights[j] = trained["base"][j, regime]
        if s["model_scores"][j]["count"] >= trading["outcomes_min"]:
            weights[j] *= live_factor(s["model_scores"][j]["log_loss"], best, trading["sharpness"])
    pooled, noise = pool(votes, weights)
    for j in range(len(models)):
        opinion[weight_row(j), k] = weights[j]
    return pooled, noise


@inlined
def take_votes(s: Row, trained: Row, models: Table, nodes: Table, opinion: Matrix, k: int) -> None:
    """Write each model's calibrated probability for the inputs in the state to the state's votes and the opinion."""
    votes = s["votes"]
    for j in range(len(models)):
        votes[j] = curve_at(trained["curves"][j], _raw(s, models, nodes, opinion, j, k))[0]
        opinion[probability_row(j), k] = votes[j]


@kernel
def _raw(s: Row, models: Table, nodes: Table, opinion: Matrix, j: int, k: int) -> float:
    """Return model j's prediction before calibration, in [0, 1]; NaN without an opinion."""
    model = models[j]
    if model["family"] == Family.ONLINE:
        return predict_online(s["learners"][model["first"]], s["unit"])
    if model["family"] == Family.RULE:
        return 0.5 + 0.5 * _rule_signal(s, opinion, len(models), model["first"], k)
    if model["primary"] == 0:
        return predict(model, nodes, s["x"])
    side = _rule_signal(s, opinion, len(models), model["primary"] - 1, k)
    if not abs(side) > 0.0:
        return np.nan
    pays = predict(model, nodes, s["x"])
    return pays if side > 0.0 else 1.0 - pays


@kernel
def _rule_signal(s: Row, opinion: Matrix, models: int, alpha: int, k: int) -> float:
    """Return the signal of a classical member."""
    signal: float = opinion[alpha_row(models, len(s["x"]), alpha), k]
    return signal


@kernel
def _decide(
    s: Row,
    trained: Row,
    trading: Row,
    ts: NDArray[np.int64],
    features: Matrix,
    columns: Matrix,
    opinion: Matrix,
    regimes: NDArray[np.int8],
    pooled: float,
    noise: float,
    k: int,
) -> None:
    volatility, short_volatility = features[VOLATILITY, k], features[SHORT_VOLATILITY, k]
    close, barrier = columns[Column.CLOSE, k], trained["barrier"]
    value = close * columns[Column.VOLUME, k]
    width = volatility * np.sqrt(float(barrier["rows"]))
    gain, error = curve_at(trained["edge"], pooled)
    direction = 1 if gain >= 0.0 else -1
    edge, error = direction * gain * width, error * width
    cost = cost_of(trading["costs"], direction, volatility, value, s["funding_rate"])
    memory = s["confidence"]
    volume = value / memory["volume"] if memory["volume"] > 0.0 else 0.0
    move = abs(close / s["last_close"] - 1.0) if s["last_close"] > 0.0 else 0.0
    factor = market_factor(memory, ts[k], short_volatility, volatility, move, value)
    confidence = percentile(memory, edge) * factor
    look_back(s["frames"], pooled)
    posterior, confirmed = opinion[Output.POSTERIOR, k], confirmations(s["frames"], direction)
    reason = reason_to_abstain(
        trading["filter"], regimes[k], posterior, edge, error, cost, confidence, noise, volume, confirmed
    )
    if reason == Abstention.NONE and direction < 0 and trading["both"] == 0:
        reason = Abstention.SIDE_NOT_ALLOWED
    if s["drift_response"]["level"] == Level.STOPPED:
        reason = Abstention.DRIFTED
    s["reason"] = reason
    decided = direction if reason == Abstention.NONE else 0
    calm = volatility / short_volatility if short_volatility > volatility else 1.0
    _hold(s, decided, barrier["rows"], size_factor(s["drift_response"], trading["drift_response"]) * calm)
    remember(s["outcomes"], s["unit"], s["votes"], pooled, decided, cost, width)
    opinion[Output.SIGNAL, k] = s["position"] * s["strength"]
    opinion[Output.REASON, k] = s["reason"]
    _write_forecast(opinion, k, pooled, noise, confidence, edge, error, cost, barrier["rows"])
    _write_drift_response(s, opinion, k)


@inlined
def _write_forecast(
    opinion: Matrix,
    k: int,
    pooled: float,
    noise: float,
    confidence: float,
    edge: float,
    error: float,
    cost: float,
    rows: int,
) -> None:
    opinion[Output.SCORE, k] = pooled
    opinion[Output.NOISE, k] = noise
    opinion[Output.CONFIDENCE, k] = confidence
    opinion[Output.EDGE, k] = edge
    opinion[Output.NET_EDGE, k] = edge - cost
    opinion[Output.EDGE_ERROR, k] = error
    opinion[Output.COST, k] = cost
    opinion[Output.EDGE_BARS, k] = rows


@kernel
def _hold(s: Row, decided: int, rows: int, strength: float) -> None:
    """Hold a decision until its horizon ends or another one is made; at level STOPPED end it at once."""
    if s["left"] > 0:
        s["left"] -= 1
        if s["left"] == 0:
            s["position"] = 0
    if decided != 0:
        if decided != s["position"]:
            s["strength"] = strength
        s["position"] = decided
        s["left"] = rows
    if s["drift_response"]["level"] == Level.STOPPED:
        s["position"] = 0
        s["left"] = 0


@kernel
def _write_drift_response(s: Row, opinion: Matrix, k: int) -> None:
    opinion[Output.LEVEL, k] = s["drift_response"]["level"]
    opinion[Output.REQUEST, k] = s["drift_response"]["request"]
    opinion[Output.ALARMS, k] = s["drift_response"]["alarms"]


@kernel
def _write_no_opinion(s: Row, opinion: Matrix, models: int, k: int) -> None:
    """Write a row without an opinion: an input is missing, or no model has one."""
    opinion[Output.SIGNAL, k] = np.nan
    opinion[Output.CONFIDENCE, k] = 0.0
    opinion[Output.EDGE, k] = np.nan
    opinion[Output.NET_EDGE, k] = np.nan
    opinion[Output.EDGE_ERROR, k] = np.nan
    opinion[Output.EDGE_BARS, k] = np.nan
    opinion[Output.COST, k] = np.nan
    opinion[Output.SCORE, k] = np.nan
    s["reason"] = Abstention.NOT_READY
    opinion[Output.REASON, k] = s["reason"]
    opinion[Output.NOISE, k] = np.nan
    for j in range(models):
        opinion[probability_row(j), k] = np.nan
        opinion[weight_row(j), k] = 0.0
    _write_drift_response(s, opinion, k)
