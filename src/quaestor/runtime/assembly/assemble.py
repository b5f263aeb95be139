"""Composition root: makes data, instruments, signal models, pipelines and an engine from a configuration."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from quaestor.adapters.allocators.catalog import EQUAL, make_allocator
from quaestor.adapters.instruments.catalog import InstrumentTable, load_instruments
from quaestor.adapters.sources.files.bars import read_bars
from quaestor.adapters.sources.files.funding import with_funding
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.sources.files.stored import StoredSource, read_stored
from quaestor.adapters.venues.simulated import SimulatedVenue
from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.brain.ensemble.netted import make_netted
from quaestor.brain.regime.catalog import parse_regime
from quaestor.brain.signal_model import SignalModel, make_signal_model
from quaestor.brain.trained.settings import NAME as LEARNED
from quaestor.domain.bars import Bars
from quaestor.domain.instrument import Instrument
from quaestor.domain.timeframe import format_timeframe
from quaestor.domain.wording import counted
from quaestor.engine.engine import Engine
from quaestor.engine.feed import Feed, TradedInstrument
from quaestor.engine.market_rows import align_funding, off_grid_rows
from quaestor.engine.settings import CostSettings, EngineSettings, pack_instruments, pack_params
from quaestor.engine.state import ORDER_CAPACITY
from quaestor.errors import ConfigError
from quaestor.jit.tables import Table
from quaestor.ports.allocation import Allocator
from quaestor.ports.models import Trainer
from quaestor.risk.settings import RiskSettings
from quaestor.risk.sizing.settings import SizingSettings
from quaestor.runtime.config import DataConfig, RunConfig
from quaestor.runtime.models.deployment import ModelDeployment, make_deployment

#: Starting balances leave room to grow sixteen times before 62 bits are full.
_CAPITAL_QUANTA_MAX = 2**58


@dataclass(frozen=True, slots=True)
class Assembly:
    """A run, ready to start. `venue_inside`: matching is part of the engine (backtest), not a port."""

    config: RunConfig
    traded_instruments: tuple[TradedInstrument, ...]
    signal_models: tuple[SignalModel, ...]  # of each instrument
    deployment: ModelDeployment | None  # of trained models; None without any
    allocator: Allocator | None
    settings: EngineSettings
    instruments: Table
    params: Table
    venue_inside: bool
    notes: tuple[str, ...]

    @property
    def signal_model(self) -> SignalModel:
        """Return the first instrument's signal model; those of the others differ in their tables at most."""
        return self.signal_models[0]

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the traded symbols, in the order of the account's instruments."""
        return tuple(traded.bars.symbol for traded in self.traded_instruments)

    @property
    def n_bars(self) -> int:
        """Return the number of bars of all traded instruments together."""
        return sum(len(traded.bars) for traded in self.traded_instruments)

    @property
    def capital_quanta(self) -> int:
        """Return the starting balance, quanta."""
        return self.traded_instruments[0].instrument.to_quanta(self.settings.capital)

    @property
    def interval_ns(self) -> int:
        """Return the length of a bar, ns; the same for all instruments."""
        return self.traded_instruments[0].bars.interval_ns

    @property
    def timeframe(self) -> str:
        """Return the length of a bar as a timeframe, such as ``1h``."""
        return format_timeframe(self.interval_ns)

    def until(self, ts: int) -> "Assembly":
        """Return the same run through the last bars that close by `ts`."""
        return replace(self, traded_instruments=tuple(traded.until(ts) for traded in self.traded_instruments))

    def trained_by(self, trainer: Trainer) -> "Assembly":
        """Return the same run with a trainer for the models that are requested while it goes on."""
        if self.deployment is None:
            return self
        return replace(self, deployment=replace(self.deployment, trainer=trainer))

    def feed(self, *, only: int | None = None) -> Feed:
        """Return a feed of fresh signal pipelines, of every instrument or of the one with index `only`."""
        chosen = slice(None) if only is None else slice(only, only + 1)
        return Feed(self.signal_models[chosen], self.traded_instruments[chosen], levels=self.settings.risk.uses_levels)

    def engine(self) -> Engine:
        """Return a fresh engine."""
        return Engine(self.instruments, self.params, self.capital_quanta)

    def simulated_venue(self) -> SimulatedVenue:
        """Return a fresh simulated venue with the rules and costs of the one inside the engine."""
        return SimulatedVenue(self.instruments, self.params[0]["costs"], self.capital_quanta, ORDER_CAPACITY)


def assemble(config: RunConfig, *, venue_inside: bool) -> Assembly:
    """Load, choose and pack everything a run needs.

    Raises:
        UsageError: the configuration cannot be run; raised before anything is written.
    """
    risk = RiskSettings.from_profile(config.risk.profile, config.risk.overrides)
    table = load_instruments(config.data.instruments)
    traded_instruments, notes = _load_traded(config, table)
    signal_models, deployment = _make_signal_models(config, traded_instruments)
    if deployment is not None:
        config, notes = deployment.pinned(config, traded_instruments), (*notes, *deployment.notes)
    interval_ns = traded_instruments[0].bars.interval_ns
    settings = EngineSettings(
        risk=risk,
        costs=_costs(config),
        capital=config.account.capital,
        size=config.account.size,
        sizing=SizingSettings.choose(config.sizing.sizers, config.sizing.settings),
        confidence_min=config.strategy.confidence_min,
        resize_step=config.strategy.resize_step,
        hold_bars_min=config.strategy.hold_bars_min,
        algorithm=config.execution,
        leverage=config.account.leverage,
    )
    for traded in traded_instruments:
        _refuse_impossible_account(settings, traded.instrument)
    return Assembly(
        config=config,
        traded_instruments=traded_instruments,
        signal_models=signal_models,
        deployment=deployment,
        allocator=_make_allocator(config, traded_instruments),
        settings=settings,
        instruments=pack_instruments(
            [traded.instrument for traded in traded_instruments], interval_ns, settings.leverage
        ),
        params=pack_params(settings, interval_ns, venue_inside=venue_inside),
        venue_inside=venue_inside,
        notes=notes,
    )


def _make_signal_models(
    config: RunConfig, traded_instruments: tuple[TradedInstrument, ...]
) -> tuple[tuple[SignalModel, ...], ModelDeployment | None]:
    """Return the signal model of each instrument, and the deployment of trained ones.

    Raises:
        ConfigError: the strategy `learned` beside others, which it has as members already.
    """
    if LEARNED not in config.strategy.names:
        return (_make_signal_model(config),) * len(traded_instruments), None
    if len(config.strategy.names) > 1:
        raise ConfigError(
            f"{LEARNED} beside other strategies",
            place="--strategy",
            remedy="train it with them as members",
        )
    deployment = make_deployment(config, traded_instruments)
    return deployment.signal_models(), deployment


def _make_signal_model(config: RunConfig) -> SignalModel:
    """Return a signal model of the configured strategies under the regime filter; several are netted by their shares.

    Raises:
        ConfigError: a strategy given twice, or shares that do not match the strategies.
    """
    chosen = config.strategy
    names = chosen.names
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ConfigError(f"{twice[0]} is given twice", place="--strategy", remedy="give every strategy once")
    alphas = [parse_alpha(name, chosen.settings_of(name)) for name in names]
    if len(names) == 1 and chosen.shares:
        raise ConfigError("shares of a single strategy", place="--shares", remedy="use --size")
    netted = make_netted(alphas, chosen.shares) if len(names) > 1 else None
    return make_signal_model(alphas, parse_regime(config.regime, {}), netted)


def _make_allocator(config: RunConfig, traded_instruments: tuple[TradedInstrument, ...]) -> Allocator | None:
    """Return the configured allocator, None for equal weights; a ConfigError where one symbol is to be weighted."""
    chosen = config.allocation
    if len(traded_instruments) == 1 and chosen.method != EQUAL:
        raise ConfigError(
            f"allocation {chosen.method} of one symbol", place="--allocation", remedy="give several with --symbol"
        )
    return make_allocator(chosen.method, chosen.weights, len(traded_instruments))


def _refuse_impossible_account(settings: EngineSettings, instrument: Instrument) -> None:
    """Raise a ConfigError for leverage that the market does not lend, or capital that does not fit the ledger."""
    lends = instrument.is_margined or (instrument.shortable and instrument.market != "spot")
    if settings.leverage > 1 and not lends:
        raise ConfigError(
            f"leverage {settings.leverage} on {instrument.market}",
            place="--leverage",
            remedy="use --market perp, or leverage 1",
        )
    if not 0 < instrument.to_quanta(settings.capital) <= _CAPITAL_QUANTA_MAX:
        raise ConfigError(
            f"{settings.capital} {instrument.settlement_asset} does not fit the ledger",
            place="--capital",
            remedy=f"give from {instrument.quantum} to {instrument.to_money(_CAPITAL_QUANTA_MAX):.0f}",
        )


def _load_traded(config: RunConfig, table: InstrumentTable) -> tuple[tuple[TradedInstrument, ...], tuple[str, ...]]:
    """Load every symbol's bars and rules; return them with notes about assumptions made.

    Raises:
        ConfigError: a symbol given twice, or bars of several lengths.
    """
    traded_instruments: list[TradedInstrument] = []
    notes: list[str] = []
    symbols = config.data.symbols
    read = _reader(config.data, table)
    for symbol in symbols:
        bars = read(symbol)
        if any(bars.symbol == traded.bars.symbol for traded in traded_instruments):
            raise ConfigError(f"{bars.symbol} is given twice", place="--symbol", remedy="give every symbol once")
        instrument, own_notes = _choose_instrument(config, bars, table)
        traded_instruments.append(TradedInstrument(bars, align_funding(bars, bars.funding), instrument))
        notes += own_notes if len(symbols) == 1 else [f"{bars.symbol}: {note}" for note in own_notes]
    lengths = {traded.bars.interval_ns for traded in traded_instruments}
    if len(lengths) > 1:
        each = [f"{traded.bars.symbol} of {format_timeframe(traded.bars.interval_ns)}" for traded in traded_instruments]
        raise ConfigError(
            f"bars of different lengths on one account: {', '.join(each)}",
            place="--timeframe",
            remedy=f"give --timeframe {format_timeframe(max(lengths))}, or longer",
        )
    return tuple(traded_instruments), tuple(notes)


def _reader(data: DataConfig, table: InstrumentTable) -> Callable[[str], Bars]:
    """Return a function that reads the bars of a symbol: from a file, opened once, or from a store for a directory.

    Raises:
        ConfigError: no data was chosen, or files beside it have no use.
        DataError: a file is missing or damaged.
    """
    if data.path is None:
        raise ConfigError("no data chosen", remedy="give --data FILE and --symbol SYMBOL")
    start = data.start.isoformat() if data.start else None
    end = data.end.isoformat() if data.end else None
    if data.path.is_dir():
        if data.funding is not None or data.mark is not None:
            raise ConfigError("the store holds no funding", place="--funding", remedy="give a file with --data")
        stored = StoredSource(data.path, data.market)
        return partial(read_stored, stored, timeframe=data.timeframe, start=start, end=end)
    source = open_source(data.path, market=data.market, instruments=table)
    read = partial(read_bars, source, timeframe=data.timeframe, start=start, end=end)
    if data.funding is None:
        if data.mark is not None:
            raise ConfigError(
                "mark prices without funding rates have no use", place="mark", remedy="give --funding too"
            )
        return read
    funding = open_source(data.funding, instruments=table)
    mark = None if data.mark is None else open_source(data.mark, instruments=table)
    return lambda symbol: with_funding(read(symbol), source, funding, mark)


def _choose_instrument(config: RunConfig, bars: Bars, table: InstrumentTable) -> tuple[Instrument, tuple[str, ...]]:
    """Return the instrument rules of some bars under the configured fees and sides, and notes about assumptions."""
    notes = list(bars.notes)
    first_price = Decimal(repr(float(bars.columns[0, 0])))
    instrument = table.find(bars.symbol, bars.market, first_price=first_price)
    if instrument.assumed:
        notes.append(
            f"no rules known for {bars.symbol} ({bars.market}): a fine grid is assumed "
            f"(tick {instrument.tick_size}, lot {instrument.lot_size})"
        )
    if config.costs.fee_bps is not None:
        fee = config.costs.fee_bps / 10_000
        instrument = instrument.with_fees(fee, fee)
    strategy = config.strategy
    sells_short = any(strategy.settings_of(name).get("side") == "both" for name in strategy.names)
    if sells_short and not instrument.is_margined and not instrument.shortable:
        instrument = replace(instrument, shortable=True)
        notes.append(
            f"{bars.symbol} is {bars.market}: short positions are simulated as sales of borrowed {instrument.base}, "
            "fully collateralised, without borrowing interest"
        )
    moved = off_grid_rows(bars, instrument)
    if moved:
        notes.append(
            f"prices off the tick grid of {instrument.tick_size} rounded: in {moved} of {counted(len(bars), 'bar')}"
        )
    return instrument, tuple(notes)


def _costs(config: RunConfig) -> CostSettings:
    costs = config.costs
    return CostSettings(
        slippage_bps=Decimal(str(costs.slippage_bps)),
        half_spread_bps=Decimal(str(costs.spread_bps)),
        latency_ms=round(costs.latency_ms),
        volume_cap=None if costs.volume_cap is None else Decimal(str(costs.volume_cap)),
    )
