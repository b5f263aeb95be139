"""Online state: checkpoints of a signal model, and their comparison when a run is resumed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.builders import instrument
from tests.planted import SMALL, planted_bars

from quaestor.adapters.stores.checkpoints import CheckpointStore
from quaestor.brain.online.drift_response import Level
from quaestor.brain.trained.model import make_trained_model, resume_after_stop, stage_state
from quaestor.brain.trained.outputs import Output
from quaestor.brain.trained.settings import TradingSettings
from quaestor.domain.bars import Bars
from quaestor.domain.training import ModelReady, TrainRequested
from quaestor.engine.feed import TradedInstrument
from quaestor.engine.signal_pipeline import SignalPipeline
from quaestor.errors import CheckpointError
from quaestor.research.training.draft import blank_artefact
from quaestor.runtime.models.deployment import ModelDeployment
from quaestor.runtime.models.load import LoadedModel
from quaestor.runtime.models.manager import ModelManager
from quaestor.runtime.models.note import ModelNote
from quaestor.runtime.models.online_state import OnlineState
from quaestor.runtime.models.schedule import TrainingSchedule

BARS = planted_bars(400)
BLANK = blank_artefact(BARS, replace(SMALL, learners=("logistic",), regime="rules"))


def make_pipeline(bars: Bars = BARS) -> SignalPipeline:
    signal_model = make_trained_model(BLANK, TradingSettings(round_trip=0.002))
    pipeline = SignalPipeline(signal_model, instrument(), bars.interval_ns, rows=len(bars))
    pipeline.load(bars, None, 0)
    return pipeline


def walk(folder: Path, upto: int, *, is_resumed: bool, bars: Bars = BARS, step: int = 1) -> SignalPipeline:
    pipeline = make_pipeline(bars)
    store = CheckpointStore(folder, {"run": "a"})
    state = OnlineState(store, TradedInstrument(bars, None, instrument()), pipeline, is_resumed=is_resumed)
    for k in range(0, upto, step):
        pipeline.advance(k, k + step)
        state.update(k + step)
    return pipeline


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_hour_makes_a_checkpoint_and_three_are_kept(tmp_path: Path) -> None:
    walk(tmp_path, 200, is_resumed=False)
    assert sorted(files(tmp_path)) == [f"PLANTUSDT-{rows:020d}.checkpoint" for rows in (198, 199, 200)]


def test_a_resumed_run_ends_with_the_same_checkpoints(tmp_path: Path) -> None:
    walk(tmp_path / "whole", 400, is_resumed=False)
    walk(tmp_path / "cut", 250, is_resumed=False)
    walk(tmp_path / "cut", 400, is_resumed=True)
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_a_resumed_run_whose_state_differs_from_its_checkpoint_is_refused(tmp_path: Path) -> None:
    walk(tmp_path, 250, is_resumed=False)
    columns = BARS.columns.copy()
    columns[:4, 200] *= 1.01
    with pytest.raises(CheckpointError, match="after 250 bars are not those of the checkpoint"):
        walk(tmp_path, 250, is_resumed=True, bars=replace(BARS, columns=columns))
    with pytest.raises(CheckpointError, match="are not those of the checkpoint"):
        walk(tmp_path, 400, is_resumed=True, step=100)  # the position of the checkpoint is passed over


class ChampionTrainer:
    """A trainer whose result is always the model in use."""

    def train(self, request: TrainRequested, history: Bars) -> ModelReady:
        assert len(history) == request.bar
        return ModelReady(request.number, request.instrument, request.champion, 0, request.ts, "kept")


class UnusedStore:
    """A model store that must not be used."""

    def put(self, artefact: object) -> str:
        raise AssertionError(artefact)

    def get(self, sha256: str) -> object:
        raise AssertionError(sha256)


def test_a_training_that_keeps_the_champion_changes_no_state() -> None:
    kept, plain = make_pipeline(), make_pipeline()
    notes: list[ModelNote] = []
    manager = ModelManager(
        kept,
        0,
        BARS,
        ModelDeployment(
            UnusedStore(),  # type: ignore[arg-type]
            (LoadedModel("a" * 64, BLANK, ()),),
            (TradingSettings(round_trip=0.002),),
            TrainingSchedule(first=100, every=90),
        ),
        ChampionTrainer(),
        notes.append,
        seed=0,
    )
    for pipeline in (kept, plain):
        stage_state(pipeline.model_state)["drift_response"]["level"] = Level.STOPPED
    manager.advance(0, 400)
    plain.advance(0, 400)
    assert len(notes) == 8
    assert kept.state.tobytes() == plain.state.tobytes()
    assert kept.events.tobytes() == plain.events.tobytes()
    assert manager.in_use == "a" * 64
    assert np.all(kept.opinion[Output.LEVEL, 50:] == Level.STOPPED)


def test_a_reset_lets_a_stopped_model_trade_at_the_reduced_level() -> None:
    pipeline = make_pipeline()
    stage_state(pipeline.model_state)["drift_response"]["level"] = Level.STOPPED
    resume_after_stop(pipeline.signal_model, pipeline.model_state)
    drift_response = stage_state(pipeline.model_state)["drift_response"]
    assert (drift_response["level"], drift_response["cooling"]) == (Level.REDUCED, 200)
