"""A market that turns against its model: smaller, a challenger, the model before, an end; all of it written down."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.command_line import streams, told
from tests.planted import SMALL, first_bars, planted_bars, write_bars

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.domain.market import Bars
from quaestor.domain.training import ModelReady, TrainRequested
from quaestor.ports import RecordKind
from quaestor.research.training.train import train
from quaestor.runtime.diary import read_entries

FIRST, SECOND, BREAK, END = 1_500, 2_500, 3_200, 6_000
SETTINGS = replace(SMALL, learners=("logistic",), online=False, alphas=(), regime="rules")


def broken_market() -> Bars:
    """Trends up to the break, and from then on the contrary: what has risen falls."""
    trending = planted_bars(END)
    volatility, noise = 0.005, np.random.default_rng(4).standard_normal(END)
    logs = np.log(trending.columns[3])
    for k in range(BREAK, END):
        risen = (logs[k - 1] - logs[k - 11]) / (volatility * np.sqrt(10.0))
        logs[k] = logs[k - 1] + volatility * (noise[k] - 0.5 * np.tanh(risen))
    close = np.exp(logs)
    opened = np.concatenate(([100.0], close[:-1]))
    high, low = np.maximum(opened, close) * 1.001, np.minimum(opened, close) * 0.999
    columns = np.round(np.stack((opened, high, low, close, trending.columns[4])), 6)
    return replace(trending, columns=columns)


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run and where it lies."""

    options: tuple[str, ...]
    summary: dict[str, Any]
    journal: Path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("broken")
    bars = broken_market()
    path = write_bars(bars, folder / "bars.parquet")
    store = DirectoryModelStore(folder / "models")
    sha256 = store.put(train(first_bars(bars, FIRST), SETTINGS).artefact)
    config = folder / "run.yaml"
    config.write_text(
        f"models:\n  dir: {folder / 'models'}\n  training: '{SETTINGS.to_json()}'\n  first_bars: {SECOND}\n"
        f"  validation_bars: 400\n  use:\n    {bars.symbol}: {sha256}\n",
        encoding="utf-8",
    )
    options = ("--config", str(config), "--data", str(path), "--symbol", bars.symbol, "--market", "spot")
    costs = ("--fee-bps", "5", "--slippage-bps", "1", "--spread-bps", "0.5", "--risk", "permissive", "--size", "0.5")
    ladder = ("--set", "cooldown=60", "--set", "min_confidence=0", "--set", "quiet=2000")
    options = (*options, *costs, "--strategy", "learned", *ladder)
    return Run(options, told("backtest", *options, "--journal", folder / "journal", "--json"), folder / "journal")


def notes(journal: Path) -> list[TrainRequested | ModelReady]:
    found = [entry.asked or entry.used for entry in read_entries(streams(journal)[RecordKind.MODELS].splitlines())]
    return [note for note in found if note is not None]


def test_it_is_reduced_challenged_rolled_back_and_stopped(run: Run) -> None:
    (figures,) = run.summary["learning"]
    print(figures)
    for n in notes(run.journal):
        print(n)
    assert figures["climbs"] == {"reduced": 1, "retrain": 1, "roll_back": 1, "stopped": 1}
