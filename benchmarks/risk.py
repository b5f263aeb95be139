"""The officer: 128 decisions as the engine asks about them, and 128 simultaneous orders as one batch; on one instrument
beside the same limits in NumPy, and over several that are all held."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import configuration, write_minutes
from benchmarks.measure import Figures, percentiles_us
from quaestor.engine.engine import Engine
from quaestor.engine.in_flight import reserve_in_flight
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Verdict
from quaestor.ledger.ledger import post_fill
from quaestor.ledger.rows import TRADE
from quaestor.risk.gate import evaluate_orders, evaluate_target
from quaestor.risk.in_flight import release_in_flight
from quaestor.risk.state import LOOKBACK, VERDICT
from quaestor.risk.tails import REFRESH_BARS
from quaestor.runtime.assembly.assemble import assemble

ORDERS = 128
#: Held instruments that decisions and orders go round.
HELD = (1, 2, 16)
_CALLS = 10_000
_WARM_BARS = 5_000


@kernel
def decide(
    account_table: Table,
    books: Table,
    order_table: Table,
    instruments: Table,
    params_table: Table,
    indices: NDArray[np.int64],
    targets: NDArray[np.int64],
    verdicts: Table,
) -> None:
    """Judge targets one by one, each as the engine does at a bar: what is in flight on other instruments counts."""
    account, params = account_table[0], params_table[0]
    for k in range(len(targets)):
        index = indices[k]
        if len(books) > 1:
            reserve_in_flight(account, books, order_table, instruments, index)
        ticks = books[index]["risk"]["last_close"]
        evaluate_target(account, books, index, instruments[index], params, ticks, targets[k], verdicts[k])
        if len(books) > 1:
            release_in_flight(account, books)


def measure_risk() -> Figures:
    """Microseconds for 128; every rule of the default profile is on, the account has traded for some days."""
    engine = _warm_engine()
    indices = np.zeros(ORDERS, np.int64)
    lots = np.random.default_rng(7).integers(-60, 61, ORDERS)
    verdicts = np.zeros(ORDERS, VERDICT)
    params = engine.params["risk"]

    def ours() -> None:
        evaluate_orders(engine.account, engine.books, engine.instruments, params, indices, lots, verdicts)

    def ours_new_tail() -> None:
        engine.books["risk"]["tail_age"] = REFRESH_BARS
        ours()

    peer = _numpy_limits(engine, lots)
    ours()
    counts: Figures = {
        verdict.name.lower(): int((verdicts["verdict"] == verdict).sum()) for verdict in Verdict if verdict
    }
    return {
        "orders": ORDERS,
        "batch_verdicts": counts,
        "batch": percentiles_us(_timed(ours)),
        "batch_with_a_fresh_tail_quantile": percentiles_us(_timed(ours_new_tail)),
        "numpy": percentiles_us(_timed(peer)),
        "decisions_over_held_instruments": {f"{count}": _decisions(engine, count, lots) for count in HELD},
        "batch_over_held_instruments": {f"{count}": _batch(engine, count, lots) for count in HELD},
    }


def _decisions(engine: Engine, count: int, lots: NDArray[np.int64]) -> Figures:
    """128 decisions in one compiled loop, another instrument at each, of an account that holds a little of each."""
    several, indices, verdicts = _several(engine, count), np.arange(ORDERS) % count, np.zeros(ORDERS, VERDICT)
    targets = several.books["position"]["lots"][indices] + lots
    given = (several.account, several.books, several.orders, several.instruments, several.params["risk"])
    return percentiles_us(_timed(lambda: decide(*given, indices, targets, verdicts)))


def _batch(engine: Engine, count: int, lots: NDArray[np.int64]) -> Figures:
    """128 simultaneous orders, another instrument at each, of the same account."""
    several, indices, verdicts = _several(engine, count), np.arange(ORDERS) % count, np.zeros(ORDERS, VERDICT)
    given = (several.account, several.books, several.instruments, several.params["risk"])
    return percentiles_us(_timed(lambda: evaluate_orders(*given, indices, lots, verdicts)))


def _warm_engine() -> Engine:
    with tempfile.TemporaryDirectory() as name:
        assembly = assemble(configuration(write_minutes(Path(name), _WARM_BARS)), venue_inside=True)
    feed, engine = assembly.feed(), assembly.engine()
    batch = next(feed.batches())
    events = feed.produce(batch)
    engine.run(events, 0, len(batch), lambda _: None)
    return engine


def _several(engine: Engine, count: int) -> Engine:
    """An account with `count` instruments that have had the same bars, and ten lots of each, however many are allowed:
    where nothing may be opened the officer has less to do."""
    several = Engine(np.repeat(engine.instruments, count), engine.params.copy(), engine.equity_quanta)
    rule = several.params[0]["risk"]["open_positions"]
    rule["open_trades_max"] = rule["positions_max"] = np.inf
    several.account["risk"] = engine.account["risk"]
    for index in range(count):
        book = several.books[index]
        book["risk"] = engine.books[0]["risk"]
        ledger, rules, ticks = several.account[0]["ledger"], several.instruments[index], book["risk"]["last_close"]
        post_fill(ledger, book["position"], rules, index, 10, ticks, 0, 1, 1, 1, np.zeros(1, TRADE), 0)
    return several


def _numpy_limits(engine: Engine, lots: NDArray[np.int64]) -> Callable[[], NDArray[np.bool_]]:
    """The position, asset, exposure, leverage and value-at-risk limits alone, over whole columns: its best case."""
    equity = engine.equity_quanta
    memory = engine.books[0]["risk"]
    worth_of_a_lot = int(memory["last_close"]) * int(engine.instruments[0]["multiplier"])
    returns = memory["returns"][:LOOKBACK]

    def evaluate_target() -> NDArray[np.bool_]:
        target = int(engine.books[0]["position"]["lots"]) + np.cumsum(np.where(lots > 0, lots, 0))
        short = int(engine.books[0]["position"]["lots"]) + np.cumsum(np.where(lots < 0, lots, 0))
        share = np.abs(np.where(lots > 0, target, short)) * worth_of_a_lot / equity
        tail = -np.partition(returns, 25)[25] * np.sqrt(1440.0)
        passes: NDArray[np.bool_] = (
            (share <= 0.1) & (share <= 0.2) & (share <= 0.8) & (share <= 3.0) & (share * tail <= 0.05)
        )
        return passes

    return evaluate_target


def _timed(work: Callable[[], object]) -> list[int]:
    clock = time.perf_counter_ns
    taken = []
    for _ in range(_CALLS):
        started = clock()
        work()
        taken.append(clock() - started)
    return taken
