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
from tests.slices import HOURS, cut

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
#: What it trains on: 1,463 hours; and the hours after, which runs trade.
TRAINED = ("2023-03-01", "2023-05-01")
TRADED = ("2023-04-15", "2023-06-10")
#: Settings under which so small a model trades.
EAGER = {"sigmas": "0", "min_confidence": "0.3", "max_noise": "0.6", "min_frames": "0", "side": "both"}
#: Ten months in which the drift of a model that is not trained again stops it, under `STUBBORN`.
MONTHS = ("2023-04-15", "2024-03-01")
STUBBORN = EAGER | {"cooldown": "1", "quiet": "1000000"}


def hours(folder: Path, span: tuple[str, str], *symbols: str) -> Path:
    """A file of hours of some symbols (all three where none is named) in a folder."""
    return cut(HOURS, folder / "binance_spot_some_1h.parquet", *span, *symbols)


@cache
def trained() -> tuple[Path, str]:
    """A folder of models, and the digest of the one in it that was trained for `SYMBOL`."""
    root = _kept()
    if not (root / "sha256").is_file():
        train_and_keep()
    return root / "models", (root / "sha256").read_text()


def train_and_keep() -> None:
    """Train the model, and keep it where `trained` finds it."""
    root = _kept()
    sha256 = DirectoryModelStore(root / "models").put(train(_bars(), SETTINGS).artefact)
    written = root / f"sha256.{sha256[:8]}"
    written.write_text(sha256)
    written.replace(root / "sha256")


def _kept() -> Path:
    made_of = f"{code_sha256()} {SETTINGS.to_json()} {TRAINED}"
    return Path(tempfile.gettempdir()) / "quaestor-tests" / hashlib.sha256(made_of.encode()).hexdigest()[:16]


def artefact_of() -> Artefact:
    """The trained artefact."""
    models, sha256 = trained()
    return DirectoryModelStore(models).get(sha256)


def lent(symbol: str) -> str:
    """The same tables said to be of another symbol: enough where it does not matter how good they are."""
    models, sha256 = trained()
    if symbol == SYMBOL:
        return sha256
    artefact = artefact_of()
    manifest = msgspec.structs.replace(artefact.manifest, symbol=symbol)
    return DirectoryModelStore(models).put(replace(artefact, manifest=manifest))


def blank(models: Path) -> str:
    """Put an artefact that knows nothing into a folder of models; returns its digest."""
    return DirectoryModelStore(models).put(blank_artefact(_bars(), SETTINGS))


def _bars() -> Bars:
    with tempfile.TemporaryDirectory() as folder:
        return load_bars(hours(Path(folder), TRAINED, SYMBOL), SYMBOL)


def run_config(
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
            "data": {"path": hours(folder, span, *traded), "symbol": ",".join(traded)},
            "strategy": {"name": "learned", "settings": EAGER if settings is None else settings},
            "models": {
                "dir": trained()[0],
                "use": {symbol: lent(symbol) for symbol in traded},
            },
            "journal": {"dir": folder / "journal", "level": level},
            "out": folder / "out",
            **more,
        }
    )
