"""Configuration model: every setting of a run, typed. A field's description is the remedy in its errors."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from quaestor.domain.timeframe import parse_timeframe
from quaestor.errors import ConfigError
from quaestor.sample import CHOICES, resolve_sample

_OFF = frozenset({"off", "none"})


def _to_utc(value: object) -> object:
    """Return a date or time in UTC; dates and naive times are taken as UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("no date") from None
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if value is None:
        return None
    raise ValueError("no date")


def _to_timeframe(value: object) -> object:
    """Return a timeframe's text, or raise ValueError."""
    try:
        parse_timeframe(str(value))
    except ConfigError:
        raise ValueError("no timeframe") from None
    return str(value).strip()


def _to_file(path: Path) -> Path:
    """Return the file that a path or ``sample:NAME`` stands for, so that journals name a file; or raise ValueError."""
    try:
        return resolve_sample(path)
    except ConfigError:
        raise ValueError("no sample") from None


def _is_off(value: object) -> bool:
    """Return whether a value means off; YAML reads a bare ``off`` as false."""
    return value is None or value is False or (isinstance(value, str) and value.strip().lower() in _OFF)


def _off_is_none(value: object) -> object:
    return None if _is_off(value) else value


def _off_is_infinite(value: object) -> object:
    return math.inf if _is_off(value) else value


def _number(value: object) -> object:
    """Refuse truth values, and return a float as the text of its shortest decimal."""
    if isinstance(value, bool):
        raise ValueError("no number")
    return str(value) if isinstance(value, float) else value


def _to_text(value: object) -> object:
    """Return a parameter as text, which its strategy parses by its own types."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float | Decimal) else value


def _joined(value: object) -> object:
    """Return several names as one text, separated by commas."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value


def _parted(value: object) -> object:
    """Return a text separated by commas as a list; anything else unchanged."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


#: Default change of strength from which an open position is sized again, for several strategies or varying weights.
RESIZE_STEP = 0.1

Names = Annotated[str, BeforeValidator(_to_text), BeforeValidator(_joined), Field(min_length=1)]
Text = Annotated[str, BeforeValidator(_to_text), Field(min_length=1)]
Number = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_number)]
Whole = Annotated[int, Field(ge=0, lt=2**63), BeforeValidator(_number)]
Money = Annotated[Decimal, Field(allow_inf_nan=False), BeforeValidator(_number)]
Limit = Annotated[float, Field(ge=0.0), BeforeValidator(_number), BeforeValidator(_off_is_infinite)]
Share = Annotated[float, Field(gt=0.0, le=1.0), BeforeValidator(_number)]
Timeframe = Annotated[str, BeforeValidator(_to_timeframe)]
BarFile = Annotated[Path, AfterValidator(_to_file)]
Time = Annotated[datetime, BeforeValidator(_to_utc)]


class Section(BaseModel):
    """Base of all sections: frozen, without unknown keys, infinities kept in a round trip through JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class DataConfig(Section):
    """Bars: source, symbols, timeframe and period."""

    path: BarFile | None = Field(
        default=None, description=f"a Parquet or CSV file of bars, or a bundled sample: {CHOICES}"
    )
    symbol: Names | None = Field(
        default=None,
        description="a symbol in the file, such as BTCUSDT; several, separated by commas, share one account",
    )
    timeframe: Timeframe | None = Field(default=None, description="a number and s, m, h, d or w, such as 15m or 1h")
    start: Time | None = Field(
        default=None, description="a date or ISO time, UTC unless an offset is given; first bar kept"
    )
    end: Time | None = Field(
        default=None, description="a date or ISO time, UTC unless an offset is given; bars before it stay"
    )
    market: Literal["spot", "perp", "inverse", "equity"] | None = Field(
        default=None, description="spot, perp, inverse or equity; taken from the file where it is given there"
    )
    funding: Path | None = Field(default=None, description="a file of funding rates (perpetuals)")
    mark: Path | None = Field(default=None, description="a file of mark prices (perpetuals)")
    instruments: Path | None = Field(
        default=None, description="a TOML file of instrument rules, over the shipped table"
    )

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return every symbol that was given."""
        return split_names(self.symbol or "")

    @property
    def start_ns(self) -> int | None:
        """Return `start` in nanoseconds since the epoch."""
        return _to_ns(self.start)

    @property
    def end_ns(self) -> int | None:
        """Return `end` in nanoseconds since the epoch; bars that open before it are taken."""
        return _to_ns(self.end)


class StrategyConfig(Section):
    """Strategies and their parameters. Several are sleeves of one account, netted to one position a symbol."""

    name: Names = Field(default="ema_cross", description="the name of a strategy in the catalog, or several")
    settings: Mapping[str, Text] = Field(
        default_factory=dict, description="the strategy's parameters by name; of several, by strategy.name"
    )
    shares: Annotated[tuple[Share, ...], BeforeValidator(_parted)] = Field(
        default=(), description="a share above 0 for each strategy, at most 1 together, such as 0.6,0.4"
    )
    resize_step: Limit = Field(
        default=math.inf, description="a change of strength from which an open position is sized anew, or off"
    )
    confidence_min: Annotated[Number, Field(ge=0.0, le=1.0)] = Field(
        default=0.0, description="a confidence from 0 to 1, below which nothing is entered"
    )
    hold_bars_min: Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_number)] = Field(
        default=0, description="a whole number of bars from 0 on that a position is held against the signal"
    )

    @property
    def names(self) -> tuple[str, ...]:
        """Return every strategy that was given."""
        return split_names(self.name)

    def settings_of(self, name: str) -> dict[str, str]:
        """Return one strategy's parameters."""
        return settings_of(self.settings, name, self.names)


class ModelsConfig(Section):
    """Trained models of the strategy `learned`: their directory, versions, and schedule of further training."""

    dir: Path | None = Field(default=None, description="a directory of trained models")
    use: Mapping[str, Text] = Field(
        default_factory=dict,
        description="for a symbol the name of a model in use or a SHA-256; left out: SYMBOL-MARKET-TIMEFRAME",
    )
    first_bars: Annotated[int, Field(ge=1), BeforeValidator(_number)] | None = Field(
        default=None, description="a number of bars of the run after which the first model is trained; left out: none"
    )
    retrain_bars: Annotated[int, Field(ge=1), BeforeValidator(_number)] | None = Field(
        default=None, description="a number of bars after which models are trained again; left out: only for drift"
    )
    delay_bars: Annotated[int, Field(ge=1), BeforeValidator(_number)] = Field(
        default=1, description="a number of bars from 1 on that training takes"
    )
    validation_bars: Annotated[int, Field(ge=0), BeforeValidator(_number)] = Field(
        default=1_000,
        description="a number of bars on which a model trained again must earn more than the one in use; 0: it always "
        "takes over",
    )
    training: str = Field(default="", description="settings of training, as `quaestor train` writes them")


class AllocationConfig(Section):
    """Weights of the symbols: method, how often they are estimated, and from how many bars."""

    method: Literal["equal", "fixed", "inverse_volatility", "risk_parity", "hrp", "mean_variance"] = Field(
        default="equal", description="equal, fixed, inverse_volatility, risk_parity, hrp or mean_variance"
    )
    weights: Annotated[tuple[Annotated[Number, Field(ge=0.0)], ...], BeforeValidator(_parted)] = Field(
        default=(), description="a weight from 0 on for each symbol, such as 0.5,0.3,0.2 (fixed)"
    )
    every_bars: Annotated[int, Field(ge=1, le=1_000_000), BeforeValidator(_number)] = Field(
        default=168, description="a whole number of bars from 1 on, after which weights are estimated again"
    )
    lookback_bars: Annotated[int, Field(ge=10, le=1_000_000), BeforeValidator(_number)] = Field(
        default=720, description="a whole number of bars from 10 on, whose returns weights are estimated from"
    )


class AccountConfig(Section):
    """Account: capital, size of a position, and leverage."""

    capital: Annotated[Money, Field(gt=0)] = Field(
        default=Decimal(10000), description="money above 0, in the quote asset"
    )
    size: Annotated[Number, Field(gt=0.0, le=1000.0)] = Field(
        default=0.1,
        description="a fraction of equity above 0, at most 1000, that `fixed` sizing gives a full signal, such as 0.1",
    )
    leverage: Annotated[int, Field(ge=1, le=125), BeforeValidator(_number)] = Field(
        default=1, description="a whole number from 1 to 125 (perpetuals)"
    )


class SizingConfig(Section):
    """Sizers of a position; the smallest of their sizes holds."""

    sizers: Annotated[tuple[Text, ...], Field(min_length=1), BeforeValidator(_parted)] = Field(
        default=("fixed",), description="names of sizers in the catalog, separated by commas"
    )
    settings: Mapping[str, Text] = Field(default_factory=dict, description="the sizers' numbers by name")


class CostsConfig(Section):
    """Costs of trading in simulation. With ``slippage_bps: 0`` given, spread, latency and volume cap are off too,
    unless they are given themselves."""

    fee_bps: Annotated[Money, Field(ge=-100, le=1000)] | None = Field(
        default=None,
        description="basis points for maker and taker alike, such as 10; left out: the instrument's own schedule",
    )
    slippage_bps: Annotated[Number, Field(ge=0, le=1000)] = Field(
        default=2.0, description="basis points from 0 to 1000"
    )
    spread_bps: Annotated[Number, Field(ge=0, le=1000)] = Field(
        default=1.0, description="half of the spread, basis points from 0 to 1000"
    )
    latency_ms: Annotated[Number, Field(ge=0, le=86_400_000)] = Field(
        default=250.0, description="milliseconds from 0 on"
    )
    volume_cap: Annotated[Share | None, BeforeValidator(_off_is_none)] = Field(
        default=0.1, description="a share of each bar's volume above 0 up to 1, or off"
    )

    @model_validator(mode="before")
    @classmethod
    def _zero_slippage_turns_frictions_off(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or not _is_zero(given.get("slippage_bps")):
            return given
        return {"spread_bps": 0.0, "latency_ms": 0.0, "volume_cap": None, **given}


class RiskConfig(Section):
    """Limits of the risk officer: a profile, and `overrides` that replace single limits of it."""

    profile: Literal["default", "conservative", "permissive"] = Field(
        default="default", description="default, conservative or permissive"
    )
    overrides: Mapping[str, Limit] = Field(default_factory=dict, description="a number from 0 on, or off")


class JournalConfig(Section):
    """Journal: its directory and level."""

    dir: Path | None = Field(default=None, description="a directory that holds no journal yet")
    level: Literal["full", "slim"] = Field(default="full", description="full (every decision) or slim (what changed)")


class RunConfig(Section):
    """Every setting of a run. Two equal values make the same run."""

    data: DataConfig = Field(default_factory=DataConfig)
    strategy: StrategyConfig = Field(default_factory=StrategyConfig)
    models: ModelsConfig = Field(default_factory=ModelsConfig)
    allocation: AllocationConfig = Field(default_factory=AllocationConfig)
    account: AccountConfig = Field(default_factory=AccountConfig)
    sizing: SizingConfig = Field(default_factory=SizingConfig)
    costs: CostsConfig = Field(default_factory=CostsConfig)
    risk: RiskConfig = Field(default_factory=RiskConfig)
    regime: Text = Field(default="none", description="the name of a regime filter in the catalog, or none")
    execution: Text = Field(default="market", description="the name of an execution algorithm in the catalog")
    journal: JournalConfig = Field(default_factory=JournalConfig)
    out: Path | None = Field(default=None, description="a directory for results")
    seed: Whole = Field(default=0, description="a whole number from 0 on")

    @model_validator(mode="before")
    @classmethod
    def _resize_when_strengths_vary(cls, given: Any) -> Any:
        """Set the default resize step for several strategies, or weights that are estimated again and again."""
        if not isinstance(given, Mapping) or not isinstance(strategy := given.get("strategy", {}), Mapping):
            return given
        allocation = given.get("allocation", {})
        method = allocation.get("method", "equal") if isinstance(allocation, Mapping) else "equal"
        several = len(split_names(str(_joined(strategy.get("name", ""))))) > 1
        if "resize_step" in strategy or not (several or method not in ("equal", "fixed")):
            return given
        return {**given, "strategy": {**strategy, "resize_step": RESIZE_STEP}}

    def to_json(self) -> str:
        """Return one line of JSON, from which `from_json` makes an equal value."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str | bytes) -> "RunConfig":
        """Return the value that `to_json` wrote."""
        return cls.model_validate_json(text)


def split_names(text: str) -> tuple[str, ...]:
    """Split names separated by commas.

    Example:
        >>> split_names("BTCUSDT, ETHUSDT")
        ('BTCUSDT', 'ETHUSDT')
    """
    return tuple(name.strip() for name in text.split(",") if name.strip())


def settings_of(settings: Mapping[str, str], name: str, names: tuple[str, ...]) -> dict[str, str]:
    """Return the parameters of one strategy: all where it is alone, those named ``strategy.parameter`` otherwise.

    Example:
        >>> settings_of({"ema_cross.fast": "5", "breakout.entry": "9"}, "ema_cross", ("ema_cross", "breakout"))
        {'fast': '5'}
    """
    if len(names) == 1:
        return dict(settings)
    return {key.removeprefix(f"{name}."): value for key, value in settings.items() if key.startswith(f"{name}.")}


def _to_ns(time: datetime | None) -> int | None:
    """Return a time in nanoseconds since the epoch."""
    if time is None:
        return None
    whole = int(time.replace(microsecond=0).timestamp())
    return whole * 1_000_000_000 + time.microsecond * 1000


def _is_zero(value: object) -> bool:
    try:
        return value is not None and float(value) == 0.0  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
