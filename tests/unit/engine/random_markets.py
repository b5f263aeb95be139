"""Random markets with everything that breaks accounts, and a strategy that knows nothing: its opinions are dice."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray
from tests.builders import DAY, MINUTE, MONDAY, engine_settings, instrument

from quaestor.domain.instrument import Instrument
from quaestor.engine.settings import CostSettings, EngineSettings
from quaestor.jit.tables import Table
from quaestor.ledger.codes import ContractKind, EventKind, Quality
from quaestor.ledger.rows import EVENT
from quaestor.risk.sizing.catalog import SIZERS
from quaestor.risk.sizing.settings import SizingSettings

Prices = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Path:
    """One account's life: what it trades, under which settings, and every bar."""

    instruments: tuple[Instrument, ...]
    settings: EngineSettings
    events: Table
    interval_ns: int


def random_path(rng: np.random.Generator, bars: int, limits: Mapping[str, float], instruments_max: int) -> Path:
    """`bars` closes of up to `instruments_max` spot and perpetual instruments on one account, two of each asset."""
    count = int(rng.integers(1, instruments_max + 1))
    kinds = rng.choice([ContractKind.SPOT, ContractKind.LINEAR], count)
    traded = tuple(_instrument(rng, ContractKind(int(kind)), f"A{k // 2}") for k, kind in enumerate(kinds))
    interval_ns = int(rng.choice([MINUTE, 60 * MINUTE, DAY]))
    margined = np.array([each.is_margined for each in traded])
    return Path(traded, _settings(rng, limits, interval_ns), _events(rng, bars, margined, interval_ns), interval_ns)


def _instrument(rng: np.random.Generator, kind: ContractKind, base: str) -> Instrument:
    return instrument(
        kind,
        base=base,
        shortable=bool(rng.random() < 0.3),
        taker_fee=Decimal(str(rng.choice(["0", "0.0005", "0.003"]))),
        maker_fee=Decimal(str(rng.choice(["0", "0.0002", "-0.0001"]))),
        min_notional=Decimal(int(rng.choice([0, 1000]))),
        max_quantity=Decimal(10**7),
    )


def _settings(rng: np.random.Generator, limits: Mapping[str, float], interval_ns: int) -> EngineSettings:
    """The `default` profile, and sizers that ask for far more than it grants."""
    names = [sizer.name for sizer in SIZERS]
    chosen = list(rng.choice(names, int(rng.integers(1, 3)), replace=False)) if rng.random() < 0.5 else ["fixed"]
    greedy = {"atr_risk_pct": "100", "target_volatility_pct": "1000", "kelly_fraction": "1", "equal_positions": "1"}
    return engine_settings(
        "default",
        limits,
        CostSettings(
            slippage_bps=Decimal(int(rng.choice([0, 2, 50]))),
            latency_ms=int(rng.choice([0, 250, interval_ns // 1_000_000, 5 * interval_ns // 2_000_000])),
            volume_cap=None if rng.random() < 0.5 else Decimal("0.1"),
        ),
        capital=Decimal(10**8),
        size=float(rng.choice([0.05, 0.5, 5.0])),
        sizing=SizingSettings.choose(chosen, greedy),
        leverage=int(rng.choice([1, 2, 5])),
        algorithm=str(rng.choice(["market", "passive"])),
        reenter=bool(rng.random() < 0.5),
    )


def _events(rng: np.random.Generator, bars: int, margined: NDArray[np.bool_], interval_ns: int) -> Table:
    shape = (bars, len(margined))
    events = np.zeros(shape, EVENT)
    events["kind"] = EventKind.BAR
    late = np.where(rng.random(bars) < 0.005, rng.integers(2, 40, bars), 1)  # the whole market is silent
    opened_at = MONDAY + interval_ns * np.cumsum(late)
    events["open_ts"] = opened_at[:, None]
    events["ts"] = events["open_ts"] + interval_ns
    events["instrument"] = np.arange(shape[1])
    events["flags"] = np.where(rng.random(shape) < 0.01, int(Quality.DUPLICATE), 0)
    events["volume"] = rng.choice([0, 50, 20_000, 10**9], shape)
    _write_prices(rng, events)
    for name, rate in (("funding_rate", 0.1), ("funding_rate_inside", 0.05)):
        paid = rng.normal(0.0, 100_000.0, shape) * (rng.random(shape) < rate) * margined
        events[name] = paid.astype(np.int64)
    events["funding_mark"] = events["open"]
    _write_opinions(rng, events)
    return events[rng.random(shape) >= 0.01]  # single bars are missing


def _write_prices(rng: np.random.Generator, events: Table) -> None:
    """Fat tails (Student's t of 3 degrees), jumps inside bars and gaps between them, of either sign."""
    shape = events.shape
    moves = rng.standard_t(3, shape) * rng.choice([0.001, 0.004, 0.02])
    moves += rng.normal(0.0, 0.15, shape) * (rng.random(shape) < 0.005)
    gaps = rng.normal(0.0, 0.05, shape) * (rng.random(shape) < 0.02)
    paths = np.cumsum(np.clip(moves, -0.6, 0.6) + gaps, axis=0) + np.log(rng.integers(1_000, 50_000, shape[1]))
    closes = np.exp(np.clip(paths, np.log(50.0), np.log(900_000.0)))
    opens = closes * np.exp(-np.clip(moves, -0.6, 0.6))
    wick = 1.0 + np.abs(rng.normal(0.0, 0.003, shape))
    events["close"] = np.maximum(np.rint(closes), 1)
    events["open"] = np.maximum(np.rint(opens), 1)
    events["high"] = np.rint(np.maximum(events["open"], events["close"]) * wick)
    events["low"] = np.maximum(np.floor(np.minimum(events["open"], events["close"]) / wick), 1)


def _write_opinions(rng: np.random.Generator, events: Table) -> None:
    """What the random strategy says; it changes its signal model now and then, and sometimes talks nonsense."""
    shape = events.shape
    said = rng.choice([1.0, -1.0, 0.7, -0.4, 0.0, np.nan, np.inf], shape, p=[0.3, 0.3, 0.1, 0.1, 0.1, 0.05, 0.05])
    changes = rng.random(shape) < rng.choice([0.02, 0.2, 0.9])
    changes[0] = True
    last = np.maximum.accumulate(np.where(changes, np.arange(shape[0])[:, None], 0), axis=0)
    events["signal"] = np.take_along_axis(said, last, axis=0)
    events["confidence"] = rng.choice([1.0, 0.5, 0.0, np.nan, 1e308], shape)
    events["edge"] = rng.choice([np.nan, -0.01, 0.002, 1e308], shape)
    events["edge_error"] = rng.choice([0.0, 0.01, np.nan], shape)
    events["edge_bars"] = 12.0
    events["regime"] = rng.integers(0, 6, shape)
    close = events["close"].astype(np.float64)
    events["atr"] = close * rng.choice([0.0, 0.001, 0.02, np.nan], shape)
    events["support"] = close * rng.choice([0.95, 1.05, np.nan], shape)
    events["resistance"] = close * rng.choice([0.95, 1.05, np.nan], shape)
