"""Settings of a run, typed, and their packing into the tables that kernels read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from quaestor.domain.instrument import Instrument, rate
from quaestor.engine.state import PARAMS
from quaestor.errors import ConfigError
from quaestor.execution.catalog import algorithm_index
from quaestor.jit.tables import Table
from quaestor.ledger.rows import INSTRUMENT
from quaestor.numeric.arithmetic import RATE_ONE
from quaestor.risk.settings import RiskSettings
from quaestor.risk.sizing.settings import SizingSettings
from quaestor.risk.state import MAX_INSTRUMENTS


@dataclass(frozen=True, slots=True)
class CostSettings:
    """Trading costs beyond fees. `volume_cap` None: no cap."""

    slippage_bps: Decimal = Decimal(2)
    half_spread_bps: Decimal = Decimal(1)
    latency_ms: int = 250
    volume_cap: Decimal | None = Decimal("0.1")

    @classmethod
    def free(cls) -> "CostSettings":
        """Return settings without slippage, spread, latency or volume cap."""
        return cls(Decimal(0), Decimal(0), 0, None)


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Settings of the trading loop, fixed for a run."""

    risk: RiskSettings
    costs: CostSettings
    capital: Decimal
    size: float = 1.0  # notional of a full-strength position as a share of equity, of the sizer `fixed`
    sizing: SizingSettings = field(default_factory=SizingSettings)
    confidence_min: float = 0.0
    hold_bars_min: int = 0  # shortest time that a position is held against the signal
    resize_step: float = math.inf  # change of strength from which an open position is sized anew
    reenter: bool = False  # on the same signal after a protective exit
    algorithm: str = "market"
    leverage: int = 1  # of margined positions


def pack_instruments(instruments: Sequence[Instrument], interval_ns: int, leverage: int) -> Table:
    """Return the instruments' rules as a table of dtype INSTRUMENT.

    Raises:
        ConfigError: too many instruments, several settlement assets on one account, or a leverage that is below one or
            leaves no margin above maintenance.
    """
    if not 0 < len(instruments) <= MAX_INSTRUMENTS:
        raise ConfigError(f"{len(instruments)} instruments on one account", remedy=f"use 1 to {MAX_INSTRUMENTS}")
    assets = {(instrument.settlement_asset, instrument.quantum) for instrument in instruments}
    if len(assets) > 1:
        raise ConfigError(
            f"instruments settle in different assets or quanta: {sorted(map(str, assets))}",
            remedy="one account keeps one settlement asset; run them apart",
        )
    for instrument in instruments:
        _check_leverage(instrument, leverage)
    table = np.zeros(len(instruments), INSTRUMENT)
    for row, instrument in zip(table, instruments, strict=True):
        row["kind"] = instrument.kind
        row["shortable"] = instrument.shortable
        row["margined"] = instrument.is_margined
        row["multiplier"] = instrument.multiplier
        row["inverse_numerator"] = instrument.inverse_numerator
        row["maker_rate"] = rate(instrument.maker_fee)
        row["taker_rate"] = rate(instrument.taker_fee)
        row["initial_margin_rate"] = RATE_ONE // leverage
        row["maintenance_rate"] = rate(instrument.maintenance_margin)
        row["min_notional"] = instrument.to_quanta(instrument.min_notional)
        row["max_lots"] = int(instrument.max_quantity / instrument.lot_size)
        row["interval_ns"] = interval_ns
        row["same_asset"] = sum(1 << k for k, each in enumerate(instruments) if each.base == instrument.base)
    return table


def _check_leverage(instrument: Instrument, leverage: int) -> None:
    place = f"instrument {instrument.symbol}"
    if leverage < 1:
        raise ConfigError(f"leverage = {leverage}", place=place, remedy="give 1 or more")
    if RATE_ONE // leverage <= rate(instrument.maintenance_margin):
        raise ConfigError(
            f"leverage {leverage} posts no more than the maintenance margin of {instrument.maintenance_margin}: "
            "every position would be liquidated at once",
            place=place,
            remedy=f"use less than {int(1 / instrument.maintenance_margin)}",
        )


def pack_params(settings: EngineSettings, interval_ns: int, *, venue_inside: bool) -> Table:
    """Return settings as a one-row table of dtype PARAMS."""
    table = np.zeros(1, PARAMS)
    params = table[0]
    params["policy"]["confidence_min"] = settings.confidence_min
    params["policy"]["hold_ns_min"] = settings.hold_bars_min * interval_ns
    params["policy"]["resize_step"] = settings.resize_step
    params["policy"]["reenter"] = settings.reenter
    settings.sizing.pack(params["sizing"], settings.size)
    settings.risk.pack(params["risk"], params["exits"])
    costs = settings.costs
    latency_ns = costs.latency_ms * 1_000_000
    below_one_bar = (latency_ns % interval_ns) / interval_ns
    params["costs"]["slippage_rate"] = rate((costs.slippage_bps + costs.half_spread_bps) / 10_000)
    params["costs"]["latency_rate"] = round(0.5 * math.sqrt(below_one_bar) * RATE_ONE)
    params["costs"]["latency_bars"] = latency_ns // interval_ns
    params["costs"]["volume_cap_rate"] = -1 if costs.volume_cap is None else rate(costs.volume_cap)
    params["execution"]["algorithm"] = algorithm_index(settings.algorithm)
    params["execution"]["latency_bars"] = latency_ns // interval_ns
    params["venue_inside"] = venue_inside
    return table
