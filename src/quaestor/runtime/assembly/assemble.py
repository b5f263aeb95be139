"""The composition root: a configuration becomes data, instruments, open loops and an engine."""

from dataclasses import dataclass, replace
from decimal import Decimal

from quaestor.adapters.allocators.catalog import EQUAL, make_allocator
from quaestor.adapters.sources.files.files import load_bars
from quaestor.adapters.sources.files.stored import load_stored
from quaestor.adapters.sources.instruments.catalog import InstrumentTable, load_instruments
from quaestor.adapters.venues.simulated import SimulatedVenue
from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.brain.ensemble.netted import make_netted
from quaestor.brain.regime.catalog import parse_regime
from quaestor.brain.signal_model import Mind, make_mind
from quaestor.brain.trained.settings import NAME as LEARNED
from quaestor.domain.bars import Bars
from quaestor.domain.instrument import Instrument
from quaestor.domain.timeframe import format_timeframe
from quaestor.engine.engine import Engine
from quaestor.engine.feed import Feed, Member
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
from quaestor.runtime.models.deployment import Keeping, make_keeping

#: Starting balances leave room to grow sixteen times before 62 bits are full.
_CAPITAL_QUANTA_MAX = 2**58


@dataclass(frozen=True, slots=True)
class Assembly:
    """A run, ready to start. `venue_inside` tells whether matching is part of the engine (backtest) or a port."""

    config: RunConfig
    members: tuple[Member, ...]
    minds: tuple[Mind, ...]  # of each member
    keeping: Keeping | None  # of learned minds: where models come from, and when
    allocator: Allocator | None
    settings: EngineSettings
    instruments: Table
    params: Table
    venue_inside: bool
    notes: tuple[str, ...]
    trainer: Trainer | None = None  # who trains models while the run goes on

    @property
    def mind(self) -> Mind:
        """The first member's mind: the others differ in what they have learned, if in anything."""
        return self.minds[0]

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is traded, in the order of the account's instruments."""
        return tuple(member.bars.symbol for member in self.members)

    @property
    def n_bars(self) -> int:
        """Bars of all members together."""
        return sum(len(member.bars) for member in self.members)

    @property
    def capital_quanta(self) -> int:
        """Starting balance."""
        return self.members[0].instrument.to_quanta(self.settings.capital)

    @property
    def interval_ns(self) -> int:
        """Length of a bar, the same for all."""
        return self.members[0].bars.interval_ns

    @property
    def timeframe(self) -> str:
        """Length of a bar, by name."""
        return format_timeframe(self.interval_ns)

    def until(self, ts: int) -> "Assembly":
        """The same run through the last bars that close by `ts`."""
        return replace(self, members=tuple(member.until(ts) for member in self.members))

    def feed(self, *, only: int | None = None) -> Feed:
        """Fresh open loops, of every member or of one of them."""
        chosen = slice(None) if only is None else slice(only, only + 1)
        return Feed(self.minds[chosen], self.members[chosen], levels=self.settings.risk.uses_levels)

    def engine(self) -> Engine:
        """A fresh engine."""
        return Engine(self.instruments, self.params, self.capital_quanta)

    def simulated_venue(self) -> SimulatedVenue:
        """A fresh venue with the same rules and costs as the one inside the engine."""
        return SimulatedVenue(self.instruments, self.params[0]["costs"], self.capital_quanta, ORDER_CAPACITY)


def assemble(config: RunConfig, *, venue_inside: bool) -> Assembly:
    """Load, choose and pack everything a run needs.

    Raises:
        UsageError: whatever of the configuration cannot be made to work, before anything is written.
    """
    risk = RiskSettings.from_profile(config.risk.profile, config.risk.overrides)
    table = load_instruments(config.data.instruments)
    members, notes = _load_members(config, table)
    minds, keeping = _make_minds(config, members)
    if keeping is not None:
        config, notes = keeping.pinned(config, members), (*notes, *keeping.notes)
    interval_ns = members[0].bars.interval_ns
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
    for member in members:
        _refuse_impossible_account(settings, member.instrument)
    return Assembly(
        config=config,
        members=members,
        minds=minds,
        keeping=keeping,
        allocator=_make_allocator(config, members),
        settings=settings,
        instruments=pack_instruments([member.instrument for member in members], interval_ns, settings.leverage),
        params=pack_params(settings, interval_ns, venue_inside=venue_inside),
        venue_inside=venue_inside,
        notes=notes,
    )


def _make_minds(config: RunConfig, members: tuple[Member, ...]) -> tuple[tuple[Mind, ...], Keeping | None]:
    """A mind for each member, and where learned ones come from.

    Raises:
        ConfigError: the strategy `learned` beside others; it holds them as members already.
    """
    if LEARNED not in config.strategy.names:
        return (_make_mind(config),) * len(members), None
    if len(config.strategy.names) > 1:
        raise ConfigError(
            f"{LEARNED} beside other strategies",
            place="--strategy",
            remedy="it weighs others itself: train it with them",
        )
    keeping = make_keeping(config, members)
    return keeping.minds(), keeping


def _make_mind(config: RunConfig) -> Mind:
    """The strategies under the regime filter; several are netted by their shares.

    Raises:
        ConfigError: a strategy given twice, or shares that do not fit.
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
    return make_mind(alphas, parse_regime(config.regime, {}), netted)


def _make_allocator(config: RunConfig, members: tuple[Member, ...]) -> Allocator | None:
    chosen = config.allocation
    if len(members) == 1 and chosen.method != EQUAL:
        raise ConfigError(
            f"allocation {chosen.method} of one symbol", place="--allocation", remedy="give several with --symbol"
        )
    return make_allocator(chosen.method, chosen.weights, len(members))


def _refuse_impossible_account(settings: EngineSettings, instrument: Instrument) -> None:
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


def _load_members(config: RunConfig, table: InstrumentTable) -> tuple[tuple[Member, ...], tuple[str, ...]]:
    """Every symbol's bars and rules, and what is to be told about them.

    Raises:
        ConfigError: a symbol given twice, or bars of several lengths.
    """
    members: list[Member] = []
    notes: list[str] = []
    symbols = config.data.symbols
    for symbol in symbols:
        bars = _load(config.data, symbol, table)
        if any(bars.symbol == member.bars.symbol for member in members):
            raise ConfigError(f"{bars.symbol} is given twice", place="--symbol", remedy="give every symbol once")
        instrument, told = _choose_instrument(config, bars, table)
        members.append(Member(bars, align_funding(bars, bars.funding), instrument))
        notes += told if len(symbols) == 1 else [f"{bars.symbol}: {note}" for note in told]
    lengths = {member.bars.interval_ns for member in members}
    if len(lengths) > 1:
        each = [f"{member.bars.symbol} of {format_timeframe(member.bars.interval_ns)}" for member in members]
        raise ConfigError(
            f"bars of different lengths on one account: {', '.join(each)}",
            place="--timeframe",
            remedy=f"give --timeframe {format_timeframe(max(lengths))}, or longer",
        )
    return tuple(members), tuple(notes)


def _load(data: DataConfig, symbol: str, table: InstrumentTable) -> Bars:
    """Bars from a file, or from a store when the path is a directory."""
    if data.path is None:
        raise ConfigError("no data chosen", remedy="give --data FILE and --symbol SYMBOL")
    start = data.start.isoformat() if data.start else None
    end = data.end.isoformat() if data.end else None
    if data.path.is_dir():
        if data.funding is not None or data.mark is not None:
            raise ConfigError("the store holds no funding", place="--funding", remedy="give a file with --data")
        return load_stored(data.path, symbol, timeframe=data.timeframe, start=start, end=end, market=data.market)
    return load_bars(
        data.path,
        symbol,
        timeframe=data.timeframe,
        start=start,
        end=end,
        market=data.market,
        funding=data.funding,
        mark=data.mark,
        instruments=table,
    )


def _choose_instrument(config: RunConfig, bars: Bars, table: InstrumentTable) -> tuple[Instrument, tuple[str, ...]]:
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
        notes.append(f"{moved} of {len(bars)} bars have a price off the tick grid of {instrument.tick_size}: rounded")
    return instrument, tuple(notes)


def _costs(config: RunConfig) -> CostSettings:
    costs = config.costs
    return CostSettings(
        slippage_bps=Decimal(str(costs.slippage_bps)),
        half_spread_bps=Decimal(str(costs.spread_bps)),
        latency_ms=round(costs.latency_ms),
        volume_cap=None if costs.volume_cap is None else Decimal(str(costs.volume_cap)),
    )
