"""Where an account stands, by hand and against the venue's own liquidation."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import MINUTE, MONDAY, Bar, bars_to_events, engine, engine_settings, instrument, run

from quaestor.engine.engine import Engine
from quaestor.engine.snapshot import take_snapshot
from quaestor.ledger.codes import ContractKind

HELD = [ContractKind.LINEAR, ContractKind.INVERSE]


def opened(kind: ContractKind, signal: float, leverage: int, price: int = 10_000, **limits: float) -> Engine:
    rules = instrument(kind, shortable=True, maintenance_margin=Decimal("0.01"))
    capital = Decimal(10_000) if price == 100 else Decimal(10**6) if kind is ContractKind.LINEAR else Decimal(1)
    given = engine_settings("permissive", limits, size=0.5, leverage=leverage, capital=capital)
    target = engine(rules, given)
    run(target, bars_to_events([Bar(price, price, price, price, signal=signal)] * 2))
    return target


def test_before_anything_is_held() -> None:
    taken = take_snapshot(engine(instrument(), engine_settings()))
    assert (taken.equity, taken.cash, taken.available) == (1_000_000, 1_000_000, 1_000_000)
    assert (taken.gross, taken.net, taken.margin_used, taken.exposure, taken.deviation) == (0,) * 5
    assert taken.positions[0].liquidation is None


def test_a_perpetual_by_hand() -> None:
    """Half of 10,000 at a price of 100 are 50 lots; at 10 × the margin is 500."""
    taken = take_snapshot(opened(ContractKind.LINEAR, 1.0, 10, 100, stop_loss_pct=4.0))
    (position,) = taken.positions
    assert (position.lots, position.mark, position.notional) == (50, 100, 500_000)
    assert (position.margin, taken.margin_used, taken.available) == (50_000, 50_000, 950_000)
    assert (taken.gross, taken.net, taken.exposure) == (500_000, 500_000, 50_000)
    # 500 + 50 (p − 100) ≤ 1 % of 50 p, so p ≤ 90.9
    assert position.liquidation == 90
    assert position.liquidation_distance == pytest.approx(0.10)
    assert position.at_stops == 50 * 4 * 100


def test_spot_is_never_liquidated_and_without_a_stop_counts_whole() -> None:
    taken = take_snapshot(opened(ContractKind.SPOT, 1.0, 1, 100))
    (position,) = taken.positions
    assert (position.lots, position.margin, position.liquidation) == (50, 0, None)
    assert position.at_stops == position.notional == 500_000


@pytest.mark.parametrize("signal", [1.0, -1.0])
@pytest.mark.parametrize("kind", HELD)
@given(leverage=st.integers(2, 90))
def test_the_venue_liquidates_there_and_not_one_tick_before(kind: ContractKind, signal: float, leverage: int) -> None:
    target = opened(kind, signal, leverage)
    (position,) = take_snapshot(target).positions
    assert position.lots * signal > 0
    assert position.liquidation is not None
    for price, taken_over in ((position.liquidation + int(signal), False), (position.liquidation, True)):
        again = opened(kind, signal, leverage)
        low, high = min(price, 10_000), max(price, 10_000)
        later = bars_to_events([Bar(10_000, high, low, 10_000, signal=signal)], start_ts=MONDAY + 2 * MINUTE)
        run(again, later)
        assert bool(again.account[0]["ledger"]["liquidations"]) is taken_over


def test_correlation_is_what_prices_did() -> None:
    several = [instrument(symbol=f"S{k}", base=f"A{k}") for k in range(3)]
    target = engine(several, engine_settings(size=0.1))
    chance = np.random.default_rng(0)
    common, own = chance.normal(0, 0.01, 400), chance.normal(0, 0.01, 400)
    paths = [np.cumprod(1 + moves) * 1e5 for moves in (common, -common, own)]
    rows = []
    for i in range(400):
        for k, path in enumerate(paths):
            price = round(path[i])
            rows.append(Bar(price, price, price, price, instrument=k, ts=MONDAY + i * MINUTE, signal=1.0))
    run(target, bars_to_events(rows))
    taken = take_snapshot(target)
    found = taken.correlation
    assert np.allclose(np.diag(found), 1.0)
    assert found[0, 1] == found[1, 0] == pytest.approx(-1.0, abs=0.01)
    assert abs(found[0, 2]) < 0.35
    held = np.array([entry.notional for entry in taken.positions], dtype=float)
    deviations = np.sqrt(target.books["risk"]["variance"])
    variance = (held * deviations) @ found @ (held * deviations)
    assert taken.deviation == pytest.approx(math.sqrt(variance))


def test_a_snapshot_changes_nothing() -> None:
    target = opened(ContractKind.LINEAR, -1.0, 5)
    before = target.digest()
    take_snapshot(target)
    assert target.digest() == before
