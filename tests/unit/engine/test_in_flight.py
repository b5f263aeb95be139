"""Instruments that decide at one time stamp: what one has ordered counts against the limits of the next."""

from decimal import Decimal

import numpy as np
import pytest
from tests.builders import MINUTE, MONDAY, Bar, Record, bars_to_events, engine, engine_settings, instrument, run

from quaestor.engine.engine import Engine
from quaestor.jit.tables import Table
from quaestor.ledger.codes import ContractKind, Verdict
from quaestor.risk.catalog import RULES

PRICE = 100
SPOT = [instrument(symbol=f"S{k}", base=f"A{k}") for k in range(5)]
PERPETUAL = [instrument(ContractKind.LINEAR, symbol=f"P{k}", base=f"A{k}") for k in range(5)]


def together(bars: int = 4, signals: tuple[float, ...] = (1.0,) * 5) -> Table:
    """Every instrument has a bar, and an opinion, at every stamp."""
    rows = [
        Bar(PRICE, PRICE, PRICE, PRICE, signal=signal, instrument=k, ts=MONDAY + i * MINUTE)
        for i in range(bars)
        for k, signal in enumerate(signals)
    ]
    return bars_to_events(rows)


def traded(
    kind: ContractKind, limits: dict[str, float], *, size: float = 0.1, leverage: int = 1
) -> tuple[Engine, Record]:
    several = PERPETUAL if kind is ContractKind.LINEAR else SPOT
    settings = engine_settings("permissive", limits, size=size, leverage=leverage, capital=Decimal(10_000))
    target = engine(several, settings)
    return target, run(target, together())


def held(target: Engine) -> list[int]:
    return [int(book["position"]["lots"]) for book in target.books]


def first_verdicts(record: Record) -> list[str]:
    """Of the first stamp: verdict, and the rule that gave it."""
    rows = record.all_decisions[:5]
    return [RULES[row["rule"]].name if row["verdict"] != Verdict.ALLOW else "" for row in rows]


def test_exposure_is_shared_by_what_decides_at_once() -> None:
    target, record = traded(ContractKind.SPOT, {"exposure_pct": 25.0})
    assert held(target) == [10, 10, 5, 0, 0]
    assert first_verdicts(record) == ["", "", *["total_exposure"] * 3]


def test_one_asset_is_shared_by_its_instruments() -> None:
    """The first, third and fifth are of one asset, the others of another."""
    several = [instrument(symbol=f"S{k}", base=f"A{k % 2}") for k in range(5)]
    target = engine(several, engine_settings("permissive", {"asset_pct": 15.0}, size=0.1))
    assert target.instruments["same_asset"].tolist() == [0b10101, 0b01010, 0b10101, 0b01010, 0b10101]
    record = run(target, together())
    assert held(target) == [10, 10, 5, 5, 0]
    assert first_verdicts(record) == ["", "", *["single_asset"] * 3]


def test_positions_are_counted_before_they_are_open() -> None:
    target, record = traded(ContractKind.SPOT, {"open_trades_max": 2.0})
    assert np.count_nonzero(held(target)) == 2
    assert first_verdicts(record) == ["", "", *["open_positions"] * 3]


def test_leverage_counts_what_is_ordered() -> None:
    target, record = traded(ContractKind.LINEAR, {"leverage_max": 2.5}, size=1.0, leverage=5)
    assert held(target) == [100, 100, 50, 0, 0]
    assert first_verdicts(record) == ["", "", *["leverage"] * 3]


def test_money_is_spent_once() -> None:
    target, record = traded(ContractKind.SPOT, {}, size=0.4)
    assert held(target) == [40, 40, 20, 0, 0]
    assert first_verdicts(record) == ["", "", *["cash"] * 3]


def test_correlated_exposure_counts_what_is_ordered() -> None:
    """Without a history two instruments count as one."""
    target, record = traded(ContractKind.SPOT, {"correlated_pct": 25.5})
    assert held(target) == [10, 10, 5, 0, 0]
    assert first_verdicts(record) == ["", "", *["correlation"] * 3]


def test_nothing_is_reserved_outside_of_an_evaluation() -> None:
    target, _ = traded(ContractKind.SPOT, {"exposure_pct": 25.0})
    risk = target.account[0]["risk"]
    assert [int(risk[name]) for name in ("in_flight_gross", "in_flight_exposure", "in_flight_funds")] == [0, 0, 0]
    assert all(book["risk"]["in_flight_lots"] == book["risk"]["in_flight_notional"] == 0 for book in target.books)


@pytest.mark.parametrize("limit", [15.0, 35.0, 80.0])
def test_no_stamp_takes_more_than_the_limit(limit: float) -> None:
    """Whatever is wanted at once, in either direction, over a run of changing opinions."""
    settings = engine_settings("permissive", {"exposure_pct": limit}, size=0.2, leverage=1)
    target = engine(PERPETUAL, settings)
    generator = np.random.default_rng(3)
    for i in range(60):
        signals = tuple(generator.choice([-1.0, 0.0, 1.0], 5).tolist())
        rows = [
            Bar(PRICE, PRICE, PRICE, PRICE, signal=signal, instrument=k, ts=MONDAY + i * MINUTE)
            for k, signal in enumerate(signals)
        ]
        run(target, bars_to_events(rows, start_ts=MONDAY + i * MINUTE))
        exposure = int(target.account[0]["ledger"]["exposure"])
        assert exposure <= limit / 100.0 * 10_000 * 100 + 1
