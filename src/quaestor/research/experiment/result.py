"""Experiment result: every figure, as it is written to `experiment.json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from quaestor.adapters.stores.atomic import replace_file
from quaestor.analysis.forecasts.forecasts import Conduct, Forecast, Weight
from quaestor.research.experiment.by_regime import RegimeMarket, RegimeMoney, RegimeWalk
from quaestor.research.experiment.final import FinalFigures
from quaestor.research.experiment.holdout_log import Access
from quaestor.research.experiment.importance import Importance
from quaestor.research.experiment.money import Comparison, Money
from quaestor.research.experiment.settings import Split
from quaestor.research.experiment.verdict import Verdict

FILE = "experiment.json"


@dataclass(frozen=True, slots=True)
class Curve:
    """Growth of equity from the start of a period, a point a day."""

    name: str
    ts: tuple[int, ...]  # start of each day, ns UTC
    growth: tuple[float, ...]  # fraction gained until its end


@dataclass(frozen=True, slots=True)
class SymbolMoney:
    """Trained strategy on one symbol of the account, beside holding it before costs."""

    symbol: str
    trades: int
    win_rate: float | None
    pnl: float
    fees: float
    holding: float


@dataclass(frozen=True, slots=True)
class Period:
    """Figures of one tested period: the trained strategy first, then holding, then the classical strategies."""

    first_ts: int  # open time of its first bar, ns UTC
    end_ts: int  # open time of the first bar after it
    days: int
    money: tuple[Money, ...]
    versus: tuple[Comparison, ...]  # the others, in order
    symbols: tuple[SymbolMoney, ...]
    regimes: tuple[RegimeMoney, ...]
    market: tuple[RegimeMarket, ...]
    walk: RegimeWalk
    forecasts: tuple[Forecast, ...]
    conduct: Conduct
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class HoldOut:
    """Access to the hold-out, how often it had been opened before, and its figures."""

    access: Access
    looks_before: int
    period: Period | None


@dataclass(frozen=True, slots=True)
class ModelLine:
    """Line of the model log."""

    ts: int  # close of the bar during which it happened, ns UTC
    symbol: str
    what: str  # `asked`: training was requested; `used`: the model came into use
    reason: str  # of the request; the trainer's sentence where it came into use
    sha256: str


@dataclass(frozen=True, slots=True)
class Edge:
    """Expected gain of a long position by pooled probability, as a multiple of the expected move, of a final model."""

    symbol: str
    probability: tuple[float, ...]
    gain: tuple[float, ...]
    error: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Data:
    """Number of an instrument's bars, and their digest up to the hold-out and within it."""

    symbol: str
    bars: int
    sha256: str
    holdout_sha256: str


@dataclass(frozen=True, slots=True)
class WallClock:
    """Start and duration: what differs when the same is run again."""

    started_ts: int  # ns UTC
    seconds: float
    looks_before_ts: tuple[int, ...]  # when the hold-out had been opened before, ns UTC


@dataclass(frozen=True, slots=True)
class Experiment:
    """Result of an experiment. The same configuration, data, log of trials and environment give the same bytes, but
    for what stands in `wall_clock`."""

    verdict: Verdict
    symbols: tuple[str, ...]
    market: str
    timeframe: str
    interval_ns: int
    split: Split
    data: tuple[Data, ...]
    settings: Mapping[str, object]
    environment: Mapping[str, str]
    trials: int  # configurations tried on these instruments, this one included
    trial_sha256: str
    walk_forward: Period
    hold_out: HoldOut
    models: tuple[FinalFigures, ...]
    model_log: tuple[ModelLine, ...]
    weights: tuple[Weight, ...]
    edges: tuple[Edge, ...]
    importance: tuple[Importance, ...]
    notes: tuple[str, ...]
    wall_clock: WallClock


def to_json(experiment: Experiment) -> bytes:
    """Return one document; figures that are not known are null."""
    return msgspec.json.format(msgspec.json.encode(experiment), indent=2) + b"\n"


def write_experiment(experiment: Experiment, directory: Path) -> Path:
    """Write `experiment.json`, whole or not at all; return its path.

    Raises:
        OutputError: it cannot be written.
    """
    path = directory / FILE
    replace_file(path, lambda temporary: temporary.write_bytes(to_json(experiment)))
    return path


def read_experiment(path: Path) -> Experiment:
    """Read what `write_experiment` wrote.

    Raises:
        OSError: it cannot be read.
        msgspec.DecodeError: the file holds no experiment.
    """
    return msgspec.json.decode(path.read_bytes(), type=Experiment)
