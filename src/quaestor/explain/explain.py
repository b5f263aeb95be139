"""Why: the chain from what was seen to what was done, for one decision, taken or not taken."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from quaestor.analysis.journal_rows import JournalRows, read_rows
from quaestor.analysis.rule_figures import in_units_of_verdict
from quaestor.brain.trained.outputs import Output
from quaestor.domain.artefact import Artefact
from quaestor.domain.instrument import Instrument
from quaestor.engine.feed import TradedInstrument
from quaestor.errors import JournalError, UnknownNameError
from quaestor.explain.explanation_text import compose
from quaestor.explain.opinion import DecidingModel, LearnedOpinion, read_opinion
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
)
from quaestor.risk.catalog import RULES
from quaestor.risk.sizing.catalog import SIZERS
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.models.deployment import ModelDeployment
from quaestor.runtime.models.log import Entry, model_in_use
from quaestor.runtime.recovery.replay import reassemble


@dataclass(frozen=True, slots=True)
class OrderStep:
    """One row of the order stream in units of the market."""

    ts: int
    order_id: int
    client_id: str
    action: str
    purpose: str
    type: str
    side: str
    quantity: float
    price: float | None
    fee: float
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole chain of one decision. Quantities, prices and money are in units of the market."""

    decision: int
    ts: int
    symbol: str
    base: str
    quote: str
    strategy: str
    close: float
    flags: list[str]
    features: dict[str, float]
    regime: str
    signal: float | None
    confidence: float
    said: dict[str, float]  # by each part of the model, by name; empty where there is but one
    opinion: LearnedOpinion | None  # of a trained model
    decided: int | None  # number of the journaled decision by which a learned position is held
    position: float
    target: float
    sizer: str  # whose size was the smallest; empty when nothing was sized
    approved_target: float
    verdict: str
    layer: str
    rule: str
    meaning: str  # of the rule
    measured: float
    limit: float
    unit: str
    breakers: list[str]
    equity: float
    orders: list[OrderStep]
    result: float | None  # of the round trip that this decision opened, when it has ended

    @property
    def sentence(self) -> str:
        """The chain in plain words."""
        return compose(self)


@dataclass(frozen=True, slots=True)
class Case:
    """One decision of a journal with everything around it: what explanations and charts are made of."""

    rows: JournalRows
    assembly: Assembly
    index: int  # of the decision among the journal's
    path: Path  # of the journal
    data: Path | None  # where the data file lies now, if it was moved

    @property
    def row(self) -> Row:
        """The decision."""
        return self.rows.decisions[self.index]

    @property
    def traded(self) -> TradedInstrument:
        """What it is about."""
        return self.assembly.traded_instruments[int(self.row["instrument"])]

    @property
    def bar(self) -> int:
        """Index of its bar among the instrument's."""
        bars = self.traded.bars
        return int(np.searchsorted(bars.ts, int(self.row["ts"]) - bars.interval_ns))

    @property
    def said(self) -> dict[str, float]:
        """What the parts of the model said, by name."""
        if not self.rows.header.opinions:
            return {}
        names = self.rows.header.opinions[int(self.row["instrument"])]
        return dict(zip(names, self.rows.opinions[self.index].tolist(), strict=True))


def open_case(path: Path, identifier: str, data: Path | None = None) -> Case:
    """Find a decision of the journal at `path`.

    Args:
        identifier: a decision's number; ``trade:K`` (the K-th round trip, from 1); ``order:ID``; or an ISO time, for
            the last decision known by then.
        data: where the data file lies now, if it was moved.

    Raises:
        JournalError: the journal is damaged, or does not hold the decision.
        UnknownNameError: the identifier is of no known form.
    """
    rows = read_rows(path)
    number = find_decision(rows, identifier, path)
    index = _row_of(rows, number, path)
    assembly, _ = reassemble(path, data)
    return Case(rows, assembly, index, path, data)


def _held(decisions: Table) -> str:
    """Which decisions there are to ask about."""
    if not len(decisions):
        return "the run was cut off before its first decision"
    first, last = int(decisions[0]["number"]), int(decisions[-1]["number"])
    span = f"it holds decisions {first} to {last}"
    if len(decisions) == last - first + 1:
        return span
    return f"{span}, and, being slim, only those that changed something; run with --journal-level full for all"


def find_decision(rows: JournalRows, identifier: str, path: Path) -> int:
    """Number of the decision that an identifier stands for; see `explain`.

    Raises:
        JournalError, UnknownNameError: as `explain`.
    """
    kind, _, rest = identifier.partition(":")
    if identifier.isdigit():
        return int(identifier)
    if kind == "trade" and rest.isdigit():
        trips = rows.round_trips()
        if not 1 <= int(rest) <= len(trips):
            raise JournalError(
                f"holds no trade {rest}", place=str(path), remedy=f"it holds {len(trips)} trades, from 1 on"
            )
        return _creator(rows, int(trips[int(rest) - 1][0]["order"]["id"]), path)
    if kind == "order" and rest.isdigit():
        return _creator(rows, int(rest), path)
    stamp = _stamp(identifier)
    index = int(np.searchsorted(rows.decisions["ts"], stamp, side="right")) - 1
    if index < 0:
        raise JournalError(f"holds no decision by {identifier}", place=str(path), remedy=_held(rows.decisions))
    return int(rows.decisions[index]["number"])


def find_time(rows: JournalRows, identifier: str, path: Path) -> int:
    """The time that an identifier stands for, in nanoseconds: a decision's, or the one it is; see `explain`.

    Raises:
        JournalError, UnknownNameError: as `explain`.
    """
    if not identifier.isdigit() and not identifier.startswith(("trade:", "order:")):
        return _stamp(identifier)
    number = find_decision(rows, identifier, path)
    return int(rows.decisions[_row_of(rows, number, path)]["ts"])


def _row_of(rows: JournalRows, number: int, path: Path) -> int:
    row = int(np.searchsorted(rows.decisions["number"], number))
    if row >= len(rows.decisions) or int(rows.decisions[row]["number"]) != number:
        raise JournalError(f"holds no decision {number}", place=str(path), remedy=_held(rows.decisions))
    return row


def _stamp(identifier: str) -> int:
    try:
        moment = datetime.fromisoformat(identifier)
    except ValueError:
        forms = ("a decision number", "trade:K", "order:ID", "an ISO time")
        raise UnknownNameError("identifier", identifier, forms) from None
    naive = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    return int(np.datetime64(naive, "ns").astype(np.int64))


def _creator(rows: JournalRows, order_id: int, path: Path) -> int:
    """Number of the decision that made an order (the legs of a bracket belong to their entry's decision)."""
    family = order_id - order_id % 3
    made = rows.orders[(rows.orders["action"] == OrderAction.NEW) & (rows.orders["order"]["id"] == family)]
    if not len(made):
        known = rows.orders["order"]["id"]
        span = f"its orders are {known[known > 0].min()} to {known.max()}" if (known > 0).any() else "it made no order"
        raise JournalError(f"holds no order {order_id}", place=str(path), remedy=span)
    return int(made[0]["decision"])


def orders_of(rows: JournalRows, decision: Row) -> Table:
    """Every row about the orders that a decision made, brackets included, in time order."""
    orders = rows.orders
    made = orders[(orders["action"] == OrderAction.NEW) & (orders["decision"] == decision["number"])]
    refused = orders[(orders["action"] == OrderAction.REJECTED) & (orders["decision"] == decision["number"])]
    families = np.unique(np.concatenate((made["order"]["id"], refused["order"]["id"])) // 3)
    families = families[families > 0]
    created_later = made["order"]["id"] % 3 != 0
    if created_later.any() and decision["orders"] == 0:
        families = families[:0]  # legs of an entry that filled inside this bar belong to the entry's decision
    return orders[np.isin(orders["order"]["id"] // 3, families)]


def explain(case: Case) -> Explanation:
    """The whole chain of one decision.

    Raises:
        ModelError: the artefact that decided is not in its store any more.
    """
    row, assembly, rows, traded = case.row, case.assembly, case.rows, case.traded
    steps = orders_of(rows, row)
    instrument = traded.instrument
    features = _features_at(case)
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
        flags=[bit.name.lower() for bit in Quality if bit and bit.name and int(row["flags"]) & bit],
        features=features,
        regime=Regime(row["regime"]).name.lower(),
        signal=signal if signal == signal else None,
        confidence=float(row["confidence"]),
        said=case.said,
        opinion=_opinion(case, features),
        decided=_decided_by(case),
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
        breakers=[bit.name.lower() for bit in Breaker if bit and bit.name and int(row["breakers"]) & bit],
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


def _opinion(case: Case, features: dict[str, float]) -> LearnedOpinion | None:
    """What a trained model said, and by which artefact; None of other signal models."""
    artefact, deployment = artefact_of(case), case.assembly.deployment
    if artefact is None or deployment is None:
        return None
    sha256, entry = _model_of(case, deployment)
    since, why = (None, "") if entry is None or entry.used is None else (entry.ts, entry.used.why)
    model = DecidingModel(sha256, artefact.manifest.trained_from, artefact.manifest.trained_through, since, why)
    k = int(case.row["instrument"])
    return read_opinion(case.said, int(case.row["regime"]), features, artefact, model, deployment.trading[k])


def artefact_of(case: Case) -> Artefact | None:
    """The artefact that a trained model decided by; None of other signal models.

    Raises:
        ModelError: it is not in its store any more.
    """
    deployment = case.assembly.deployment
    return None if deployment is None or not case.said else deployment.store.get(_model_of(case, deployment)[0])


def _model_of(case: Case, deployment: ModelDeployment) -> tuple[str, Entry | None]:
    """SHA-256 of the artefact that decided, and how it came into use; None from the beginning of the run."""
    k = int(case.row["instrument"])
    entry = model_in_use(case.rows.models, k, int(case.row["ts"]))
    if entry is None or entry.used is None:
        return deployment.models[k].sha256, None
    return entry.used.sha256, entry


def _decided_by(case: Case) -> int | None:
    """Number of the last decision, up to this one, that asked for the position that a trained model holds."""
    if case.assembly.deployment is None or not case.said or not abs(case.row["signal"]) > 0.0:
        return None
    before = slice(0, case.index + 1)
    own = case.rows.decisions["instrument"][before] == case.row["instrument"]
    asked = np.flatnonzero(own & (case.rows.opinions[before, Output.REASON] == Abstention.NONE))
    return int(case.rows.decisions["number"][asked[-1]]) if len(asked) else None


def _features_at(case: Case) -> dict[str, float]:
    """What the model saw: its features at that bar, computed again from the data."""
    assembly, traded, bar = case.assembly, case.traded, case.bar
    loop = assembly.feed(only=int(case.row["instrument"])).loops[0]
    start = 0
    while True:
        count = loop.load(traded.bars, traded.funding, start)
        loop.advance(0, min(bar - start + 1, count))
        if bar < start + count:
            return {name: float(loop.features[k, bar - start]) for k, name in enumerate(assembly.signal_model.features)}
        start += count


def _result(rows: JournalRows, steps: Table, instrument: Instrument) -> float | None:
    """Profit of the round trip whose entry is among these orders, fees taken off; None while it is open."""
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
