"""Model deployment: the models that a run begins with, their trading settings, and the schedule of further training."""

from dataclasses import dataclass, replace

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.brain.signal_model import SignalModel
from quaestor.brain.trained.model import make_trained_model
from quaestor.brain.trained.settings import TradingSettings
from quaestor.domain.timeframe import format_timeframe
from quaestor.engine.feed import TradedInstrument
from quaestor.errors import ConfigError
from quaestor.features.catalog import CATALOG
from quaestor.ports.models import Trainer
from quaestor.runtime.config import RunConfig
from quaestor.runtime.models.load import LoadedModel, load_deployed, load_model
from quaestor.runtime.models.schedule import TrainingSchedule

_EIGHT_HOURS_NS = 8 * 3_600_000_000_000
_DIGEST_LENGTH = 64


@dataclass(frozen=True, slots=True)
class ModelDeployment:
    """Models and trading settings of every instrument, in the order of the account, with their store and schedule."""

    store: DirectoryModelStore
    models: tuple[LoadedModel, ...]
    trading: tuple[TradingSettings, ...]
    schedule: TrainingSchedule
    trainer: Trainer | None = None  # of models while the run goes on

    @property
    def notes(self) -> tuple[str, ...]:
        """Return the deviations that loading the models tolerated."""
        return tuple(note for model in self.models for note in model.notes)

    def signal_models(self) -> tuple[SignalModel, ...]:
        """Return the signal model of each instrument that the run begins with.

        Raises:
            ConfigError: models of different features or members, which cannot share one compiled chain.
        """
        signal_models = tuple(
            make_trained_model(model.artefact, trading)
            for model, trading in zip(self.models, self.trading, strict=True)
        )
        if any(
            signal_model.chain is not signal_models[0].chain
            and signal_model.chain.source != signal_models[0].chain.source
            for signal_model in signal_models
        ):
            raise ConfigError(
                "models of different features or members on one account",
                place="--models",
                remedy="train them alike",
            )
        return signal_models

    def pinned(self, config: RunConfig, traded_instruments: tuple[TradedInstrument, ...]) -> RunConfig:
        """Return the configuration with every model named by its SHA-256: a name may mean another version later."""
        digests = {
            traded.bars.symbol: model.sha256 for traded, model in zip(traded_instruments, self.models, strict=True)
        }
        return config.model_copy(update={"models": config.models.model_copy(update={"use": digests})})


def model_name(traded: TradedInstrument) -> str:
    """Return the default name of an instrument's model, such as ``BTCUSDT-spot-1h``."""
    bars = traded.bars
    return f"{bars.symbol}-{bars.market}-{format_timeframe(bars.interval_ns)}"


def is_address(name: str) -> bool:
    """Return whether a model is named by the SHA-256 of its contents, which never means another model."""
    return len(name) == _DIGEST_LENGTH


def make_deployment(config: RunConfig, traded_instruments: tuple[TradedInstrument, ...]) -> ModelDeployment:
    """Load the models that a configuration names.

    Raises:
        ConfigError: no directory of models, or a model of another instrument or timeframe.
        ModelError: see `runtime.models.load.load_model`.
    """
    chosen = config.models
    if chosen.dir is None:
        raise ConfigError("the strategy learned needs trained models", place="--models", remedy="give their directory")
    models, trading = [], []
    for traded in traded_instruments:
        name = chosen.use.get(traded.bars.symbol, model_name(traded))
        load = load_model if is_address(name) else load_deployed
        model = load(chosen.dir, name, CATALOG)
        _require_fit(model, traded)
        models.append(model)
        trading.append(_trading(config, model, traded))
    schedule = TrainingSchedule(chosen.first_bars, chosen.retrain_bars, chosen.delay_bars)
    return ModelDeployment(DirectoryModelStore(chosen.dir), tuple(models), tuple(trading), schedule)


def _require_fit(model: LoadedModel, traded: TradedInstrument) -> None:
    """Refuse a model of another instrument, market or timeframe, with a ConfigError."""
    manifest, bars = model.artefact.manifest, traded.bars
    theirs = (manifest.symbol, manifest.market, manifest.interval_ns)
    if theirs != (bars.symbol, bars.market, bars.interval_ns):
        raise ConfigError(
            f"was trained on {manifest.symbol} {manifest.market} {format_timeframe(manifest.interval_ns)}",
            place=f"model {model.sha256[:12]} for {model_name(traded)}",
            remedy="train one on these bars",
        )


def _trading(config: RunConfig, model: LoadedModel, traded: TradedInstrument) -> TradingSettings:
    """Return a model's trading settings under the run's costs; long only where the instrument cannot be shorted."""
    costs, manifest = config.costs, model.artefact.manifest
    frictions = (costs.slippage_bps + costs.spread_bps) / 10_000
    held_ns = manifest.barrier.rows * manifest.interval_ns
    settings = TradingSettings.parse(
        config.strategy.settings,
        round_trip=2.0 * (float(traded.instrument.taker_fee) + frictions),
        order_value=float(config.account.capital) * config.account.size,
        settlements=held_ns / _EIGHT_HOURS_NS if traded.funding is not None else 0.0,
    )
    can_be_short = traded.instrument.is_margined or traded.instrument.shortable
    return replace(settings, both=settings.both and can_be_short)
