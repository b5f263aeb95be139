"""Drift in a run: a market that turns against its model, from reduced size to a challenger, a rollback and a stop."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.command_line import call, json_of, same_run, streams
from tests.planted import SMALL, planted_bars, write_bars

from quaestor.adapters.clocks import FreeRunningClock
from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.analysis.journal_rows import read_rows
from quaestor.analysis.model_figures import learning_figures
from quaestor.domain.bars import Bars
from quaestor.domain.training import ModelReady, TrainRequested
from quaestor.ledger.codes import Command
from quaestor.ports.journal import RecordKind
from quaestor.ports.progress import NO_PROGRESS
from quaestor.research.training.train import train
from quaestor.research.training.trainer import with_trainer
from quaestor.runtime.assembly.assemble import assemble
from quaestor.runtime.config import RunConfig
from quaestor.runtime.config.model import JournalConfig
from quaestor.runtime.models.log import read_entries
from quaestor.runtime.recovery.opening import begin
from quaestor.runtime.session.paper import run_paper

FIRST, SECOND, BREAK, END = 1_500, 2_500, 3_200, 6_000
SETTINGS = replace(SMALL, learners=("logistic",), online=False, alphas=(), regime="rules")


def broken_market() -> Bars:
    """Return bars that trend up to the break, and reverse every trend from then on."""
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
    """Finished run and its directory."""

    options: tuple[str, ...]
    summary: dict[str, Any]
    journal: Path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("broken")
    bars = broken_market()
    path = write_bars(bars, folder / "bars.parquet")
    store = DirectoryModelStore(folder / "models")
    sha256 = store.put(train(bars.part(0, FIRST), SETTINGS).artefact)
    config = folder / "run.yaml"
    config.write_text(
        f"models:\n  dir: {folder / 'models'}\n  training: '{SETTINGS.to_json()}'\n  first_bars: {SECOND}\n"
        f"  validation_bars: 400\n  use:\n    {bars.symbol}: {sha256}\n",
        encoding="utf-8",
    )
    options = ("--config", str(config), "--data", str(path), "--symbol", bars.symbol, "--market", "spot")
    costs = ("--fee-bps", "5", "--slippage-bps", "1", "--spread-bps", "0.5", "--risk", "permissive", "--size", "0.5")
    drift_response = ("--set", "cooldown=60", "--set", "min_confidence=0", "--set", "quiet=2000")
    given = (*options, *costs, "--strategy", "learned", *drift_response)
    return Run(given, json_of("backtest", *given, "--journal", folder / "journal", "--json"), folder / "journal")


def notes(journal: Path) -> list[TrainRequested | ModelReady]:
    found = [entry.asked or entry.used for entry in read_entries(streams(journal)[RecordKind.MODELS].splitlines())]
    return [note for note in found if note is not None]


def test_drift_reduces_challenges_rolls_back_and_stops(run: Run) -> None:
    (figures,) = run.summary["learning"]
    assert figures["escalations"] == {"reduced": 1, "retrain": 1, "roll_back": 1, "stopped": 1}
    assert figures["level"] == "stopped"
    assert {"error", "profit"} & set(figures["causes"])
    assert figures["asked"] == {"start": 1, "schedule": 0, "drift": 1}
    assert (figures["promoted"], figures["kept"], figures["rolled_back"]) == (1, 1, 1)


def test_every_step_is_journaled(run: Run) -> None:
    start, accepted, drift, kept, back, before = notes(run.journal)
    assert isinstance(start, TrainRequested)
    assert isinstance(drift, TrainRequested)
    assert isinstance(back, TrainRequested)
    assert (start.reason, drift.reason, back.reason) == ("start", "drift", "rollback")
    assert start.bar == SECOND < BREAK < drift.bar < back.bar
    assert [start.trials, drift.trials, back.trials] == [2, 3, 3]
    assert isinstance(accepted, ModelReady)
    assert isinstance(kept, ModelReady)
    assert isinstance(before, ModelReady)
    assert kept.sha256 == accepted.sha256 == drift.champion == back.champion != before.sha256
    assert kept.why.startswith("drift: kept: ")
    assert "; 399 bars: " in kept.why
    assert before.sha256 == start.champion
    decisions = read_rows(run.journal).decisions
    signal = decisions["signal"]
    sizes = np.where(np.diff(signal, prepend=0.0) != 0.0, np.abs(signal), 0.0)  # of what is entered
    assert np.nanmax(sizes[: drift.bar]) > 0.5
    assert np.nanmax(sizes[drift.bar : back.bar]) <= 0.5
    assert np.nanmax(sizes[back.bar :]) <= 0.25
    stopped_for = int(np.argmax(decisions["signal"][::-1] != 0.0))
    assert stopped_for > 500
    assert not decisions["target"][-stopped_for:].any()


def test_each_decision_is_explained_by_the_model_that_made_it(run: Run) -> None:
    """The last decision of the model that was rolled back, and the first of the one that was restored."""
    back, before = notes(run.journal)[-2:]
    assert isinstance(back, TrainRequested)
    assert isinstance(before, ModelReady)
    for bar, sha256 in ((back.bar - 1, back.champion), (back.bar, before.sha256)):
        number = int(read_rows(run.journal).decisions["number"][bar])
        explained = json_of("why", number, "--journal", run.journal, "--lime", "--json")
        lime, opinion = explained["lime"], explained["opinion"]
        assert opinion["model"]["sha256"] == sha256
        assert lime["pooled"]["probability"] == opinion["score"] == lime["models"][0]["probability"]
        assert lime["pooled"]["slopes"] == lime["models"][0]["slopes"]  # logistic alone


def test_the_same_trades_come_out_on_paper_and_in_replay(run: Run, tmp_path: Path) -> None:
    paper = json_of("paper", *run.options, "--journal", tmp_path / "p", "--speed", "max", "--json")
    assert same_run(paper) == same_run(run.summary)
    one, other = streams(run.journal), streams(tmp_path / "p")
    for kind in (RecordKind.DECISIONS, RecordKind.MODELS):
        assert one[kind] == other[kind]
    for journal in (run.journal, tmp_path / "p"):
        assert json_of("replay", journal, "--json")["identical"] is True


def test_tables_show_scores_and_drift(run: Run) -> None:
    shown = call("backtest", *run.options)
    assert shown.code == 0
    for text in ("Forecast scores of the models", "Drift and model changes", "all together", "logistic", "stopped"):
        assert text in shown.out


class ResetAt:
    """Operator who resets before one bar."""

    def __init__(self, bar: int) -> None:
        self._bar = bar

    def pending(self, bars: int) -> tuple[Command, ...]:
        return (Command.RESET,) if bars == self._bar else ()

    def journaled(self) -> None:
        """Nothing to forget."""


def test_an_operators_reset_lets_a_stopped_model_trade_again(run: Run, tmp_path: Path) -> None:
    decisions = read_rows(run.journal).decisions
    stopped = len(decisions) - int(np.argmax(decisions["signal"][::-1] != 0.0))
    config = RunConfig.from_json(read_rows(run.journal).header.config)
    config = config.model_copy(update={"journal": JournalConfig(dir=tmp_path / "j")})
    assembly = with_trainer(assemble(config, venue_inside=False))
    recorder = begin(assembly, "paper")
    reset = stopped + 100
    finished = run_paper(assembly, recorder, (), NO_PROGRESS, FreeRunningClock(), ResetAt(reset))
    again = read_rows(tmp_path / "j").decisions
    assert again[:reset].tobytes() == decisions[:reset].tobytes()
    assert (again["signal"][reset:] != 0.0).any()
    (figures,) = learning_figures(assembly, finished.model_log)
    assert figures.escalations["stopped"] + figures.escalations["roll_back"] > 1 or figures.level != "stopped"
    assert json_of("replay", tmp_path / "j", "--json")["identical"] is True
