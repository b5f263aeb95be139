"""Checkpointer: when checkpoints are due, and an online model that goes on from one."""

from pathlib import Path

import numpy as np
import pytest
from tests.slices import BARS, hours_of
from tests.unit.brain.online.online_stage import MODELS, STAGE_STATE, inputs_of, make_params, walk

from quaestor.adapters.stores.checkpoints import CheckpointStore, Position
from quaestor.errors import ConfigError, OutputError
from quaestor.runtime.models.checkpointing import HOUR_NS, Checkpointer, environment_identity

STATE = np.zeros(1, np.dtype([("x", "i8")]))


def saves(checkpointer: Checkpointer, *positions: tuple[int, int]) -> list[bool]:
    """Whether each position, as outcomes learned and minutes, was saved."""
    return [
        checkpointer.save_if_due(Position(k, minutes * HOUR_NS // 60, learned), STATE)
        for k, (learned, minutes) in enumerate(positions)
    ]


def test_a_checkpoint_is_due_after_a_thousand_outcomes_or_an_hour(tmp_path: Path) -> None:
    checkpointer = Checkpointer(CheckpointStore(tmp_path, {}), "x")
    due = saves(checkpointer, (0, 10), (999, 20), (1_001, 30), (1_999, 40), (1_999, 59), (1_999, 60), (2_000, 61))
    assert due == [False, False, True, False, False, True, True]
    assert checkpointer.last == Position(6, 61 * HOUR_NS // 60, 2_000)


def test_checkpoints_after_a_restart_are_due_at_the_same_positions(tmp_path: Path) -> None:
    positions = [(40 * k, 7 * k) for k in range(200)]
    whole = Checkpointer(CheckpointStore(tmp_path / "a", {}), "x")
    expected = saves(whole, *positions)
    assert sum(expected) > 20
    for k in (0, 100, 177):
        restored = Position(k, 7 * k * HOUR_NS // 60, 40 * k)
        again = Checkpointer(CheckpointStore(tmp_path / "b", {}), "x", last=restored)
        assert saves(again, *positions[k + 1 :]) == expected[k + 1 :]


def test_a_checkpoint_that_could_not_be_written_stays_due(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    checkpointer = Checkpointer(CheckpointStore(tmp_path / "file" / "in", {}), "x")
    saves(checkpointer, (0, 0))
    for _ in range(2):
        with pytest.raises(OutputError):
            saves(checkpointer, (1_000, 0))


@pytest.mark.parametrize(("learned", "ns"), [(0, 1), (1, 0)])
def test_intervals_below_one_are_refused(tmp_path: Path, learned: int, ns: int) -> None:
    with pytest.raises(ConfigError):
        Checkpointer(CheckpointStore(tmp_path, {}), "x", learned, ns)


def test_online_models_restored_from_checkpoints_end_with_the_same_bits(tmp_path: Path) -> None:
    hours = hours_of("BTCUSDT").head(3_000)
    columns = np.ascontiguousarray(hours.select(BARS).to_numpy().T, np.float64)
    ts, (features, widths), params = hours["ts"].to_numpy(), inputs_of(columns), make_params()
    out = np.zeros((MODELS, 3_000))

    def run(folder: Path, stop: int) -> bytes:
        """Go on from the last checkpoint to row `stop`, row by row; only what is on disk is kept."""
        store = CheckpointStore(folder, environment_identity())
        found = store.load_latest("BTCUSDT", STAGE_STATE)
        state = np.zeros(1, STAGE_STATE) if found is None else found.state
        checkpointer = Checkpointer(store, "BTCUSDT", 100, 1_000 * HOUR_NS, None if found is None else found.position)
        for k in range(0 if found is None else found.position.rows, stop):
            walk(state, params, columns, features, widths, out, k, k + 1)
            checkpointer.save_if_due(Position(k + 1, int(ts[k]), int(state["learners"]["learned"].min())), state)
        return state.tobytes()

    expected = run(tmp_path / "whole", 3_000)
    for stop in (50, 777, 778, 2_345, 2_999):
        run(tmp_path / "stopped", stop)
    assert run(tmp_path / "stopped", 3_000) == expected
