"""Random markets and settings for property tests of the whole trading loop."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from hypothesis import strategies as st
from tests.builders import DAY, MINUTE, MONDAY, Bar, bars_to_events, engine_settings, instrument

from quaestor.domain.instrument import Instrument
from quaestor.engine.settings import CostSettings, EngineSettings
from quaestor.jit.tables import Table
from quaestor.ledger.codes import ContractKind, Quality
from quaestor.risk.sizing.catalog import SIZERS
from quaestor.risk.sizing.settings import SizingSettings

_SIGNALS = (1.0, 1.0, 0.5, -1.0, -0.4, 0.0, float("nan"))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run: who trades what, under which rules, on which events."""

    instruments: tuple[Instrument, ...]
    settings: EngineSettings
    events: Table
    interval_ns: int


@st.composite
def scenarios(draw: st.DrawFn, bars: int = 80, kinds: tuple[ContractKind, ...] = tuple(ContractKind)) -> Scenario:
    """Anything that may happen: gaps, crashes, empty bars, flips, funding, dear costs, latency, tight limits."""
    kind = draw(st.sampled_from(kinds))
    count = 1 if kind is ContractKind.INVERSE else draw(st.sampled_from([1, 1, 3]))
    shortable = draw(st.booleans())
    traded = tuple(_instrument(draw, kind, shortable) for _ in range(count))
    margined = traded[0].is_margined
    interval_ns = draw(st.sampled_from([MINUTE, 60 * MINUTE, DAY]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    events = random_events(rng, bars, count, margined, interval_ns)
    return Scenario(traded, _settings(draw, margined, interval_ns), events, interval_ns)


def _instrument(draw: st.DrawFn, kind: ContractKind, shortable: bool) -> Instrument:
    return instrument(
        kind,
        shortable=shortable,
        taker_fee=Decimal(draw(st.sampled_from(["0", "0.0005", "0.001", "0.02"]))),
        maker_fee=Decimal(draw(st.sampled_from(["0", "0.0002", "-0.0001"]))),
        min_notional=Decimal(draw(st.sampled_from(["0", "5"]))) if kind is not ContractKind.INVERSE else Decimal(0),
        max_quantity=Decimal(10**6),
    )


def _settings(draw: st.DrawFn, margined: bool, interval_ns: int) -> EngineSettings:
    exits = st.fixed_dictionaries(
        {},
        optional={
            "stop_loss_pct": st.sampled_from([0.5, 3.0, 40.0]),
            "take_profit_pct": st.sampled_from([0.5, 5.0]),
            "trailing_pct": st.sampled_from([1.0, 5.0]),
            "trailing_tighten_pct": st.sampled_from([0.0, 10.0]),
            "chandelier_multiple": st.sampled_from([0.5, 3.0]),
            "atr_stop_multiple": st.sampled_from([0.5, 3.0]),
            "level_buffer_multiple": st.sampled_from([0.0, 1.0]),
            "time_stop_bars": st.sampled_from([1.0, 4.0]),
            "time_stop_idle_bars": st.sampled_from([1.0, 3.0]),
            "reversal_strength": st.sampled_from([0.4, 1.0]),
        },
    )
    costs = CostSettings(
        slippage_bps=Decimal(draw(st.sampled_from([0, 2, 50]))),
        half_spread_bps=Decimal(draw(st.sampled_from([0, 1]))),
        latency_ms=draw(st.sampled_from([0, 250, interval_ns // 1_000_000, 5 * interval_ns // 2_000_000])),
        volume_cap=draw(st.sampled_from([None, Decimal("0.1"), Decimal("0.5")])),
    )
    return engine_settings(
        draw(st.sampled_from(["default", "conservative", "permissive", "permissive"])),
        draw(exits),
        costs,
        size=draw(st.sampled_from([0.2, 1.0, 3.0])),
        algorithm=draw(st.sampled_from(["market", "passive"])),
        capital=Decimal(1_000_000),
        leverage=draw(st.integers(1, 20)) if margined else 1,
        reenter=draw(st.booleans()),
        hold_bars_min=draw(st.sampled_from([0, 0, 5])),
        sizing=draw(_sizings()),
    )


def _sizings() -> st.SearchStrategy[SizingSettings]:
    names = st.lists(st.sampled_from([sizer.name for sizer in SIZERS]), min_size=1, unique=True)
    scales = st.sampled_from([{}, {"confidence_weight": "1"}])
    return st.builds(SizingSettings.choose, st.one_of(st.just(["fixed"]), names), scales)


def random_events(
    rng: np.random.Generator, n: int, instruments: int, margined: bool, interval_ns: int = MINUTE
) -> Table:
    """`n` bars of each instrument, at the same times, with everything that goes wrong in markets."""
    rows: list[Bar] = []
    prices = rng.integers(50, 2_000, instruments)
    clock, start = MONDAY, rng.integers(0, 3, instruments)
    signal = np.full(instruments, np.nan)
    for i in range(n):
        clock += interval_ns * int(1 if rng.random() > 0.03 else rng.integers(2, 12))
        for k in range(instruments):
            if i < start[k]:
                continue
            opened = max(int(prices[k] * np.exp(rng.normal(0, 0.1 if rng.random() < 0.1 else 0.004))), 1)
            close = max(int(opened * np.exp(rng.normal(0, 0.3 if rng.random() < 0.04 else 0.01))), 1)
            high = int(max(opened, close) * (1 + abs(rng.normal(0, 0.01)))) + int(rng.integers(0, 2))
            low = max(int(min(opened, close) * (1 - min(abs(rng.normal(0, 0.01)), 0.9))), 1)
            if rng.random() < 0.3:
                signal[k] = rng.choice(_SIGNALS)
            rows.append(
                Bar(
                    opened,
                    high,
                    low,
                    close,
                    volume=int(rng.choice([0, 30, 2_000, 10**7, 10**7])),
                    signal=float(signal[k]),
                    confidence=float(rng.choice([1.0, 0.6])),
                    atr=float(rng.choice([np.nan, 1.0, opened * 0.02])),
                    regime=int(rng.integers(0, 6)),
                    edge=float(rng.choice([np.nan, -0.01, 0.001, 0.02])),
                    edge_error=float(rng.choice([np.nan, 0.0, 0.005])),
                    edge_bars=float(rng.choice([np.nan, 1.0, 12.0])),
                    support=float(rng.choice([np.nan, close * 0.97, close * 1.01])),
                    resistance=float(rng.choice([np.nan, close * 1.03, close * 0.99])),
                    flags=int(Quality.DUPLICATE) if rng.random() < 0.02 else 0,
                    instrument=k,
                    funding=float(rng.normal(0, 0.002)) if margined and rng.random() < 0.2 else 0.0,
                    funding_inside=float(rng.normal(0, 0.002)) if margined and rng.random() < 0.1 else 0.0,
                    ts=clock,
                )
            )
            prices[k] = close
    return bars_to_events(rows, interval_ns)
