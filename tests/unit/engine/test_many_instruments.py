"""Sixteen instruments on one account, all reversing at once: the order table never overflows, no exit is refused."""

from decimal import Decimal

import numpy as np
import pytest
from tests.builders import MINUTE, MONDAY, Bar, Record, bars_to_events, engine, engine_settings, instrument

from quaestor.engine.settings import CostSettings, pack_instruments
from quaestor.engine.state import ORDER_CAPACITY
from quaestor.errors import ConfigError
from quaestor.jit.tables import Table
from quaestor.ledger.codes import ContractKind, Refusal
from quaestor.risk.state import MAX_INSTRUMENTS

MANY = [instrument(ContractKind.LINEAR, symbol=f"P{k}") for k in range(MAX_INSTRUMENTS)]


def reversing(times: int, every: int) -> Table:
    """Every instrument turns round at the same bars."""
    rows = [
        Bar(1000, 1001, 999, 1000, signal=1.0 if i // every % 2 else -1.0, instrument=k, ts=MONDAY + i * MINUTE)
        for i in range(times)
        for k in range(MAX_INSTRUMENTS)
    ]
    return bars_to_events(rows)


@pytest.mark.parametrize("latency_bars", [0, 1, 3])
def test_the_order_table_holds_every_instrument(latency_bars: int) -> None:
    costs = CostSettings(Decimal(0), Decimal(0), 60_000 * latency_bars, None)
    limits = {"stop_loss_pct": 5.0, "take_profit_pct": 5.0}
    settings = engine_settings("permissive", limits, costs, size=0.05, leverage=5, capital=Decimal(10**6))
    target, record, most = engine(MANY, settings), Record(), 0
    events = reversing(12 * (latency_bars + 1), latency_bars + 1)
    for i in range(len(events)):
        target.advance(events, i, i + 1)
        record.keep(target.drain())
        most = max(most, int(target.account[0]["order_state"]["n_orders"]))
        assert target.account[0]["order_state"]["illegal"] == 0
    assert 3 * MAX_INSTRUMENTS <= most <= ORDER_CAPACITY
    assert not (record.all_orders["reason"] == Refusal.TABLE_FULL).any()
    # twelve targets: the first opens, the last is still on its way
    assert np.bincount(record.all_trades["instrument"]).tolist() == [10] * MAX_INSTRUMENTS


def test_an_account_keeps_one_settlement_asset_and_a_bounded_number_of_instruments() -> None:
    with pytest.raises(ConfigError, match="settle in different assets"):
        pack_instruments([instrument(), instrument(quote="CCC")], MINUTE, 1)
    with pytest.raises(ConfigError, match="17 instruments"):
        pack_instruments([*MANY, instrument(ContractKind.LINEAR)], MINUTE, 1)
    with pytest.raises(ConfigError, match="0 instruments"):
        pack_instruments([], MINUTE, 1)


@pytest.mark.parametrize("leverage", [0, -1, 100, 200])
def test_a_leverage_that_leaves_no_margin_is_refused(leverage: int) -> None:
    traded = instrument(ContractKind.LINEAR, maintenance_margin=Decimal("0.01"))
    with pytest.raises(ConfigError, match="leverage"):
        pack_instruments([traded], MINUTE, leverage)
    pack_instruments([traded], MINUTE, 99)
