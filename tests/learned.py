"""A small trained model, trained on real hours once, and runs of it.

The artefact is kept in the folder of temporary files under the digest of all that it is made of: a second session of
the same sources, and every worker of one, finds it there.
"""

import hashlib
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from tests.recorded import HOURS, cut

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.adapters.sources.files.bars import load_bars
from quaestor.analysis.forecasts.labels import Barrier
from quaestor.domain.artefact import Artefact
from quaestor.domain.bars import Bars
from quaestor.research.training.draft import blank_artefact
from quaestor.research.training.settings import TrainingSettings
from quaestor.research.training.train import train
from quaestor.runtime.config import RunConfig
from quaestor.runtime.models.definitions import code_sha256

SYMBOL = "BTCUSDT"
#: Two trained models, two that learn online and a rule, of few features, over half a day.
SETTINGS = TrainingSettings(
    features=("rsi_14", "roc_10", "bbands_position_20_2", "volatility_20", "adx_14", "volume_ratio_20"),
    learners=("logistic", "lightgbm"),
    specialists=(),
    alphas=(("ema_cross", (("side", "both"),)),),
    regime="mixture",
    barrier=Barrier(profit=1.0, stop=1.0, rows=12, cost=0.0005),
    folds=3,
)
#: What it trains on: 1,488 hours; and the hours after, which runs trade.
TRAINED = ("2022-05-01", "2022-07-01")
TRADED = ("2022-06-15", "2022-08-10")
#: Settings under which so small a model trades.
EAGER = {"sigmas": "0", "min_confidence": "0.3", "max_noise": "0.6", "min_frames": "0", "side": "both"}
#: Two years in which the drift of a model that is not trained again stops it, under `STUBBORN`.
YEARS = ("2022-06-15", "2024-08-15")
STUBBORN = EAGER | {"cooldown": "1", "quiet": "1000000"}


def hours(shared_data: Path, folder: Path, span: tuple[str, str], *symbols: str) -> Path:
    """A file of hours of some symbols (all ten where none is named) in a folder."""
    path = folder / "binance_spot_some_1h.parquet"
    return cut(shared_data / HOURS, path, *span, symbols[0] if len(symbols) == 1 else None)


@cache
def trained(shared_data: Path) -> tuple[Path, str]:
    """A folder of models, and the digest of the one in it that was trained for `SYMBOL`."""
    made_of = f"{code_sha256()} {SETTINGS.to_json()} {TRAINED}"
    root = Path(tempfile.gettempdir()) / "quaestor-tests" / hashlib.sha256(made_of.encode()).hexdigest()[:16]
    note = root / "sha256"
    if not note.is_file():
        artefact = train(_bars(shared_data), SETTINGS).artefact
        sha256 = DirectoryModelStore(root / "models").put(artefact)
        written = note.with_suffix(f".{sha256[:8]}")
        written.write_text(sha256)
        written.replace(note)
    return root / "models", note.read_text()


def artefact_of(shared_data: Path) -> Artefact:
    """The trained artefact."""
    models, sha256 = trained(shared_data)
    return DirectoryModelStore(models).get(sha256)


def lent(shared_data: Path, symbol: str) -> str:
    """The same tables said to be of another symbol: enough where it does not matter how good they are."""
    models, sha256 = trained(shared_data)
    if symbol == SYMBOL:
        return sha256
    artefact = artefact_of(shared_data)
    manifest = msgspec.structs.replace(artefact.manifest, symbol=symbol)
    return DirectoryModelStore(models).put(replace(artefact, manifest=manifest))


def blank(shared_data: Path, models: Path) -> str:
    """Put an artefact that knows nothing into a folder of models; returns its digest."""
    return DirectoryModelStore(models).put(blank_artefact(_bars(shared_data), SETTINGS))


def _bars(shared_data: Path) -> Bars:
    with tempfile.TemporaryDirectory() as folder:
        return load_bars(hours(shared_data, Path(folder), TRAINED, SYMBOL), SYMBOL)


def run_config(
    shared_data: Path,
    folder: Path,
    *symbols: str,
    span: tuple[str, str] = TRADED,
    level: str = "full",
    settings: dict[str, str] | None = None,
    **more: Any,
) -> RunConfig:
    """A run of the trained signal model over real hours, its journal and results in `folder`."""
    traded = symbols or (SYMBOL,)
    folder.mkdir(parents=True, exist_ok=True)
    return RunConfig.model_validate(
        {
            "data": {"path": hours(shared_data, folder, span, *traded), "symbol": ",".join(traded)},
            "strategy": {"name": "learned", "settings": EAGER if settings is None else settings},
            "models": {
                "dir": trained(shared_data)[0],
                "use": {symbol: lent(shared_data, symbol) for symbol in traded},
            },
            "journal": {"dir": folder / "journal", "level": level},
            "out": folder / "out",
            **more,
        }
    )
