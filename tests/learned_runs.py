"""Runs of trained models that are small enough to train in a test."""

from collections.abc import Sequence
from pathlib import Path

from tests.slices import HOURS, cut

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.adapters.sources.files.bars import load_bars
from quaestor.analysis.forecasts.labels import Barrier
from quaestor.research.training.draft import blank_artefact
from quaestor.research.training.settings import TrainingSettings

#: One trained model, two that learn while they trade, three rules; a barrier of half a day.
SMALL = TrainingSettings(
    features=("price_change_1", "rsi_14", "bbands_position_20_2", "volume_change_1"),
    learners=("logistic",),
    specialists=(),
    regime="rules",
    folds=2,
    samples_max=1_000,
    barrier=Barrier(profit=1.0, stop=1.0, rows=12, cost=0.0026),
)
#: Settings of the model that let it trade often: what is measured is not how well.
LIVELY = ("min_confidence=0", "max_noise=1", "min_frames=0", "sigmas=0", "margin=0", "min_volume=0")


def hours(folder: Path, symbols: Sequence[str], start: str, end: str) -> Path:
    """Recorded hours of some symbols in one file."""
    return cut(HOURS, folder / "binance_spot_some_1h.parquet", start, end, *symbols)


def learned_options(
    path: Path, folder: Path, symbols: Sequence[str], models: str, settings: TrainingSettings = SMALL
) -> tuple[str, ...]:
    """Options of a run of the strategy `learned` that begins without an opinion; `models`: YAML of more settings of
    the section ``models``."""
    store = DirectoryModelStore(folder / "models")
    use = {symbol: store.put(blank_artefact(load_bars(path, symbol), settings)) for symbol in symbols}
    config = folder / "run.yaml"
    named = "".join(f"\n    {symbol}: {sha256}" for symbol, sha256 in use.items())
    config.write_text(
        f"models:\n  dir: {folder / 'models'}\n  training: '{settings.to_json()}'\n{models}\n  use:{named}\n",
        encoding="utf-8",
    )
    lively = [option for setting in LIVELY for option in ("--set", setting)]
    options = ("--config", str(config), "--data", str(path), "--symbol", ",".join(symbols))
    return (*options, "--strategy", "learned", "--risk", "permissive", *lively)
