"""Risk rules, each alone on real bars: the permissive profile and this one limit, a run that only it can refuse."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.builders import MINUTE, Record, command, engine, engine_settings, instrument, run
from tests.made_markets import make_quotes
from tests.slices import HOURS, stamp

from quaestor.engine.engine import Engine
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Breaker, Command, ContractKind, EventKind, Verdict
from quaestor.ledger.rows import EVENT
from quaestor.risk.catalog import RULES

HOUR = 60 * MINUTE
TRADED = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
GRID: dict[str, Any] = {
    "tick_size": Decimal("0.01"),
    "lot_size": Decimal("0.001"),
    "quantum": Decimal("0.00000001"),
    "max_price": Decimal(10**6),
    "max_quantity": Decimal(10**4),
    "shortable": True,
}
#: So little that not one lot of it is left.
NOTHING = 1e-9


@dataclass(frozen=True)
class Case:
    """Limits beside the permissive profile, and the market they are tested on."""

    limits: Mapping[str, float]
    size: float = 0.2
    kind: ContractKind = ContractKind.SPOT
    leverage: int = 1
    grid: Mapping[str, Any] = field(default_factory=dict)


STOP = {"stop_loss_pct": 5.0}

VETOES = {
    "venue": Case({}, grid={"shortable": False}),
    "cash": Case({}, size=1.0),
    "position_size": Case({"position_pct": NOTHING}),
    "risk_per_trade": Case({"risk_per_trade_pct": NOTHING} | STOP),
    "single_asset": Case({"asset_pct": NOTHING}),
    "total_exposure": Case({"exposure_pct": 15.0}),
    "leverage": Case({"leverage_max": 0.15}),
    "open_positions": Case({"open_trades_max": 1.0}),
    "value_at_risk": Case({"var_pct": NOTHING}),
    "drawdown": Case({"drawdown_pct": 2.5}),
    "daily_loss": Case({"daily_loss_pct": 1.0}),
    "weekly_loss": Case({"weekly_loss_pct": 1.0}),
    "losing_streak": Case({"losses_max": 2.0}),
    "volatility": Case({"volatility_budget_pct": NOTHING}),
    "regime": Case({"regime_base_pct": NOTHING}),
    "correlation": Case({"correlated_pct": NOTHING}),
    "emergency": Case({"crash_fall_pct": 1.5}),
    "trades_per_day": Case({"trades_per_day_max": 1.0}),
    "parametric_var": Case({"parametric_var_pct": NOTHING}),
    "expected_shortfall": Case({"shortfall_pct": NOTHING}),
    "trailing_drawdown": Case({"trailing_drawdown_pct": 2.0}),
    "drawdown_ladder": Case({"ladder_base_pct": NOTHING, "ladder_drawdown_pct": 3.0}),
    "streak_reduction": Case({"streak_base_pct": NOTHING}),
    "portfolio_heat": Case({"heat_pct": 0.9} | STOP),
    "cluster": Case({"cluster_pct": 15.0, "cluster_correlation": 0.5}),
    "liquidation_distance": Case({"liquidation_distance_pct": 20.0}, kind=ContractKind.LINEAR, leverage=10),
    "slippage": Case({"slippage_bps_max": NOTHING}),
}

SHRINKS = {
    "cash": Case({}, size=0.7),
    "position_size": Case({"position_pct": 10.0}),
    "risk_per_trade": Case({"risk_per_trade_pct": 0.5} | STOP),
    "single_asset": Case({"asset_pct": 10.0}),
    "total_exposure": Case({"exposure_pct": 30.0}),
    "leverage": Case({"leverage_max": 0.3}),
    "value_at_risk": Case({"var_pct": 0.4}),
    "volatility": Case({"volatility_budget_pct": 10.0}),
    "regime": Case({"regime_base_pct": 20.0}),
    "correlation": Case({"correlated_pct": 25.0}),
    "parametric_var": Case({"parametric_var_pct": 0.6}),
    "expected_shortfall": Case({"shortfall_pct": 0.6}),
    "drawdown_ladder": Case({"ladder_base_pct": 20.0, "ladder_drawdown_pct": 3.0}),
    "streak_reduction": Case({"streak_base_pct": 20.0}),
    "portfolio_heat": Case({"heat_pct": 1.5} | STOP),
    "cluster": Case({"cluster_pct": 30.0, "cluster_correlation": 0.5}),
    "slippage": Case({"slippage_bps_max": 0.5}),
}

#: Rules that cannot shrink here, and why.
WHOLE = {
    "venue": "no policy asks for more than the venue's largest order; the unit test does",
    "open_positions": "an instrument is held or not",
    "drawdown": "a breaker",
    "daily_loss": "a breaker",
    "weekly_loss": "a breaker",
    "losing_streak": "a breaker",
    "trailing_drawdown": "a breaker",
    "emergency": "a breaker",
    "spread": "a breaker",
    "trades_per_day": "an entry counts as one whatever its size",
    "liquidation_distance": "of a fresh entry the distance depends on leverage alone; additions are in the unit test",
}


@pytest.fixture(scope="module")
def market() -> Table:
    """Return the bars as events, three at a stamp."""
    frame = pl.read_parquet(HOURS).filter(pl.col("ts") < stamp("2023-05-10"))
    index = pl.col("symbol").replace_strict({name: k for k, name in enumerate(TRADED)})
    frame = frame.with_columns(index.alias("index")).sort("ts", "index")
    events = np.zeros(len(frame), EVENT)
    events["kind"] = EventKind.BAR
    events["open_ts"], events["instrument"] = frame["ts"], frame["index"]
    events["ts"] = events["open_ts"] + HOUR
    for name in ("open", "high", "low", "close"):
        events[name] = np.rint(frame[name].to_numpy() * 100.0)
    events["volume"] = np.floor(frame["volume"].to_numpy() * 1e3)
    hour = (events["open_ts"] - events["open_ts"][0]) // HOUR + 72 - 5 * events["instrument"]
    events["signal"] = np.select([hour % 72 < 24, hour % 72 < 36, hour % 72 < 60], [1.0, 0.0, -1.0], 0.0)
    events["confidence"] = 1.0
    events["atr"] = events["spread"] = math.nan
    events["regime"] = hour // 24 % 6
    return events


def trading(case: Case) -> Engine:
    several = [instrument(case.kind, symbol=name, base=name[:3], **(GRID | dict(case.grid))) for name in TRADED]
    settings = engine_settings("permissive", case.limits, size=case.size, leverage=case.leverage)
    return engine(several, settings, interval_ns=HOUR)


def rules_with(record: Record, verdict: Verdict) -> set[str]:
    """Return the rules with this verdict."""
    rows = record.all_decisions
    return {RULES[rule].name for rule in rows["rule"][rows["verdict"] == verdict].tolist()}


@pytest.mark.parametrize("name", VETOES)
def test_a_rule_alone_vetoes(market: Table, name: str) -> None:
    record = run(trading(VETOES[name]), market)
    assert rules_with(record, Verdict.VETO) == {name}
    assert rules_with(record, Verdict.SHRINK) <= {name}


@pytest.mark.parametrize("name", SHRINKS)
def test_a_rule_alone_shrinks(market: Table, name: str) -> None:
    record = run(trading(SHRINKS[name]), market)
    assert rules_with(record, Verdict.SHRINK) == {name}
    assert rules_with(record, Verdict.VETO) <= {name}
    assert len(record.fills()) > 10
    rows = record.all_decisions
    shrunk = rows[rows["verdict"] == Verdict.SHRINK]
    assert (np.abs(shrunk["approved_target"]) < np.abs(shrunk["target"])).all()
    assert (shrunk["approved_target"] * shrunk["target"] > 0).all()


def test_every_rule_is_tried() -> None:
    names = {rule.name for rule in RULES}
    assert VETOES.keys() | {"spread"} == names
    assert SHRINKS.keys() | WHOLE.keys() == names
    assert not SHRINKS.keys() & WHOLE.keys()


def test_without_a_limit_no_rule_refuses(market: Table) -> None:
    record = run(trading(Case({})), market)
    assert rules_with(record, Verdict.VETO) == rules_with(record, Verdict.SHRINK) == set()
    assert len(record.all_trades) > 100


@pytest.mark.parametrize("name", ["daily_loss", "weekly_loss", "losing_streak", "trailing_drawdown", "emergency"])
def test_a_breaker_lifts_when_its_period_ends(market: Table, name: str) -> None:
    record = run(trading(VETOES[name]), market)
    rows = record.all_decisions
    vetoed = np.flatnonzero(rows["verdict"] == Verdict.VETO)
    allowed = np.flatnonzero((rows["verdict"] == Verdict.ALLOW) & (rows["target"] != 0))
    assert (rows["breakers"][vetoed] != 0).all()
    assert (allowed > vetoed[0]).any()
    assert (rows["breakers"][allowed] == 0).all()


def test_a_drawdown_closes_what_is_open_and_once_flat_lasts_until_a_reset(market: Table) -> None:
    """Nothing latches: equity that holds nothing stays where it is, and so does the breaker."""
    target = trading(VETOES["drawdown"])
    record = run(target, market[:2_000])
    rows = record.all_decisions
    first = int(np.flatnonzero(rows["breakers"])[0])
    assert (rows["breakers"][first:] == Breaker.DRAWDOWN).all()
    assert (rows["position"][first + 3 :] == 0).all()
    run(target, command(Command.RESET, int(market["ts"][1_999])))
    again = run(target, market[2_000:2_100]).all_decisions
    assert ((again["verdict"] == Verdict.ALLOW) & (again["approved_target"] != 0)).any()


def quote_events(quotes: pl.DataFrame) -> Table:
    """Minutes as events that ask for a share in every second.

    Args:
        quotes: ``ts``; ``open``, ``high``, ``low``, ``close`` of the middle and the ``spread`` at the close, in cents.
    """
    events = np.zeros(len(quotes), EVENT)
    events["kind"] = EventKind.BAR
    events["open_ts"] = quotes["ts"]
    events["ts"] = events["open_ts"] + MINUTE
    for name in ("open", "high", "low", "close", "spread"):
        events[name] = np.rint(quotes[name].to_numpy())
    events["high"] = np.maximum.reduce([events[name] for name in ("open", "high", "close")])
    events["low"] = np.minimum.reduce([events[name] for name in ("open", "low", "close")])
    events["volume"] = 10**6
    events["signal"] = np.where(np.arange(len(quotes)) % 2, 1.0, 0.0)
    events["confidence"] = 1.0
    events["atr"] = math.nan
    return events


def test_a_blown_out_spread_vetoes_while_it_lasts() -> None:
    require_vetoes_of_wide_spreads(quote_events(make_quotes()))


def require_vetoes_of_wide_spreads(quotes: Table) -> None:
    """Entries are vetoed exactly while the spread is above five times its median of the last 101."""
    grid = GRID | {"lot_size": Decimal(1), "max_price": Decimal(1_000)}
    target = engine(instrument(ContractKind.EQUITY, **grid), engine_settings("permissive", {"spread_multiple": 5.0}))
    record = run(target, quotes)
    assert rules_with(record, Verdict.VETO) == {"spread"}
    assert rules_with(record, Verdict.SHRINK) == set()
    rows, spread = record.all_decisions, quotes["spread"]
    seen: list[float] = []
    expected: list[bool] = []
    for width in spread.tolist():  # a locked or crossed book has no spread
        usual = float(np.median(seen[-101:])) if len(seen) >= 101 else math.nan
        expected.append(width > 5.0 * usual)
        seen += [width] if width > 0.0 else []
    full = int(np.flatnonzero(np.cumsum(spread > 0.0) > 101)[0])
    tripped = rows["breakers"] == Breaker.SPREAD
    assert tripped[full:].tolist() == expected[full:]
    assert 0 < tripped.sum() < 0.2 * len(tripped)
    vetoed = rows["verdict"] == Verdict.VETO
    assert (rows["breakers"][vetoed] == Breaker.SPREAD).all()
    target = (rows["verdict"] == Verdict.ALLOW) & (rows["target"] != 0)
    assert (rows["breakers"][target] == 0).all()
    assert np.flatnonzero(target)[-1] > np.flatnonzero(vetoed)[0]
