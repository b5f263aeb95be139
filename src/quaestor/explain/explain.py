"""Explanation of one decision: its features, opinion, verdict and orders, read back from a journal."""

import numpy as np

from quaestor.analysis.journal_rows import JournalRows
from quaestor.analysis.rule_figures import in_units_of_verdict
from quaestor.brain.signal_model import SignalModel
from quaestor.brain.trained.outputs import Output
from quaestor.domain.artefact import Artefact
from quaestor.domain.instrument import Instrument
from quaestor.explain.explanation import Explanation, OrderStep
from quaestor.explain.journaled_decision import JournaledDecision, orders_of
from quaestor.explain.opinion import DecidingModel, TrainedOpinion, read_opinion
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import (
    Abstention,
    Breaker,
    Layer,
    OrderAction,
    OrderType,
    Purpose,
    Quality,
    Refusal,
    Regime,
    Verdict,
    flag_names,
)
from quaestor.risk.catalog import RULES
from quaestor.risk.sizing.catalog import SIZERS
from quaestor.runtime.models.deployment import ModelDeployment
from quaestor.runtime.models.log import ModelLogEntry, model_in_use


def explain(decision: JournaledDecision) -> Explanation:
    """Return the whole chain of one decision.

    Raises:
        ModelError: the artefact that decided is not in its store any more.
    """
    row, assembly, rows, traded = decision.row, decision.assembly, decision.rows, decision.traded
    steps = orders_of(rows, row)
    instrument = traded.instrument
    features = _features_at(decision)
    lot, tick, money = float(instrument.lot_size), float(instrument.tick_size), float(instrument.quantum)
    rule = RULES[int(row["rule"])] if int(row["rule"]) >= 0 else None
    signal = float(row["signal"])
    measured, limit, unit = in_units_of_verdict(rule, float(row["measured"]), float(row["limit"]), instrument)
    return Explanation(
        decision=int(row["number"]),
        ts=int(row["ts"]),
        symbol=traded.bars.symbol,
        base=instrument.base,
        quote=instrument.quote,
        strategy=", ".join(assembly.config.strategy.names),
        close=int(row["close"]) * tick,
        flags=flag_names(Quality, int(row["flags"])),
        features=features,
        regime_features=_regime_features(assembly.signal_model) if assembly.deployment is None else (),
        regime=Regime(row["regime"]).name.lower(),
        signal=signal if signal == signal else None,
        confidence=float(row["confidence"]),
        outputs=decision.outputs,
        opinion=_opinion(decision, features),
        decided=_decided_by(decision),
        position=int(row["position"]) * lot,
        target=int(row["target"]) * lot,
        sizer=SIZERS[int(row["sizer"]) - 1].name if row["sizer"] else "",
        approved_target=int(row["approved_target"]) * lot,
        verdict=Verdict(row["verdict"]).name.lower(),
        layer=Layer(row["layer"]).name.lower() if rule else "",
        rule=rule.name if rule else "",
        meaning=rule.meaning if rule else "",
        measured=measured,
        limit=limit,
        unit=unit,
        breakers=flag_names(Breaker, int(row["breakers"])),
        equity=int(row["equity"]) * money,
        orders=[_step(step, lot, tick, money, rows.header.parameters_sha256) for step in steps],
        result=_result(rows, steps, instrument),
    )


def _step(step: Row, lot: float, tick: float, money: float, run: str) -> OrderStep:
    order = step["order"]
    filled = step["action"] == OrderAction.FILL
    price = int(step["price"]) if filled else int(order["trigger"]) or int(order["limit"])
    return OrderStep(
        ts=int(step["ts"]),
        order_id=int(order["id"]),
        client_id=f"q{run[:8]}-{int(order['id'])}",
        action=OrderAction(step["action"]).name.lower(),
        purpose=Purpose(order["purpose"]).name.lower(),
        type=OrderType(order["type"]).name.lower(),
        side="buy" if order["side"] > 0 else "sell",
        quantity=(abs(int(step["lots"])) if filled else int(order["lots"])) * lot,
        price=price * tick if price else None,
        fee=int(step["fee"]) * money,
        reason=Refusal(step["reason"]).name.lower() if step["reason"] else "",
    )


def _opinion(decision: JournaledDecision, features: dict[str, float]) -> TrainedOpinion | None:
    """Return the opinion of a trained model, with its artefact; None of other signal models."""
    artefact, deployment = artefact_of(decision), decision.assembly.deployment
    if artefact is None or deployment is None:
        return None
    sha256, entry = _model_of(decision, deployment)
    since, why = (None, "") if entry is None or entry.used is None else (entry.ts, entry.used.why)
    model = DecidingModel(sha256, artefact.manifest.trained_from, artefact.manifest.trained_through, since, why)
    k = int(decision.row["instrument"])
    return read_opinion(decision.outputs, int(decision.row["regime"]), features, artefact, model, deployment.trading[k])


def artefact_of(decision: JournaledDecision) -> Artefact | None:
    """Return the artefact by which a trained model decided; None of other signal models.

    Raises:
        ModelError: it is not in its store any more.
    """
    deployment = decision.assembly.deployment
    return (
        None if deployment is None or not decision.outputs else deployment.store.get(_model_of(decision, deployment)[0])
    )


def _model_of(decision: JournaledDecision, deployment: ModelDeployment) -> tuple[str, ModelLogEntry | None]:
    """Return the SHA-256 of the artefact that decided, and how it came into use; None from the beginning of the run."""
    k = int(decision.row["instrument"])
    entry = model_in_use(decision.rows.models, k, int(decision.row["ts"]))
    if entry is None or entry.used is None:
        return deployment.models[k].sha256, None
    return entry.used.sha256, entry


def _decided_by(decision: JournaledDecision) -> int | None:
    """Return the number of the last decision, up to this one, that took the position which a trained model holds."""
    if decision.assembly.deployment is None or not decision.outputs or not abs(decision.row["signal"]) > 0.0:
        return None
    before = slice(0, decision.index + 1)
    own = decision.rows.decisions["instrument"][before] == decision.row["instrument"]
    decided = np.flatnonzero(own & (decision.rows.opinions[before, Output.REASON] == Abstention.NONE))
    return int(decision.rows.decisions["number"][decided[-1]]) if len(decided) else None


def _regime_features(model: SignalModel) -> tuple[str, ...]:
    """Return the features that the regime filter reads and no strategy does."""
    of_strategies = {name for alpha in model.alphas for name in alpha.features}
    return tuple(name for name in model.features if name not in of_strategies)


def _features_at(decision: JournaledDecision) -> dict[str, float]:
    """Return the features at that bar, by name, computed again from the data."""
    assembly, traded, bar = decision.assembly, decision.traded, decision.bar
    pipeline = assembly.feed(only=int(decision.row["instrument"])).pipelines[0]
    start = 0
    while True:
        count = pipeline.load(traded.bars, traded.funding, start)
        pipeline.advance(0, min(bar - start + 1, count))
        if bar < start + count:
            names = assembly.signal_model.features
            return {name: float(pipeline.features[k, bar - start]) for k, name in enumerate(names)}
        start += count


def _result(rows: JournalRows, steps: Table, instrument: Instrument) -> float | None:
    """Return the profit of the round trip whose entry is among these orders, fees taken off; None while it is open."""
    entries = steps[(steps["action"] == OrderAction.FILL) & (steps["order"]["purpose"] == Purpose.ENTRY)]
    if not len(entries) or instrument.is_inverse:
        return None
    for trip in rows.round_trips():
        if (trip["order"]["id"] == entries[0]["order"]["id"]).any():
            if int(trip["lots"].sum()) != 0 or (trip["action"] == OrderAction.LIQUIDATION).any():
                return None
            flow = -int((trip["lots"] * trip["price"]).sum()) * instrument.multiplier
            return (flow - int(trip["fee"].sum())) * float(instrument.quantum)
    return None
