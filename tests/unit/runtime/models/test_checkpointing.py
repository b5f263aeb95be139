"""When checkpoints are due, and a learner on real bars that is stopped and goes on."""

from pathlib import Path

import numpy as np
import pytest
from tests.slices import BARS, hours_of
from tests.unit.brain.online.desk import DESK, MODELS, inputs_of, make_params, walk

from quaestor.adapters.stores.checkpoints import CheckpointStore, Position
from quaestor.errors import ConfigError, OutputError
from quaestor.runtime.models.checkpointing import HOUR_NS, Checkpointer, environment_identity

STATE = np.zeros(1, np.dtype([("x", "i8")]))


def offered(pointer: Checkpointer, *positions: tuple[int, int]) -> list[bool]:
    """Whether each position, of outcomes learned and minutes, was saved."""
    return [
        pointer.offer(Position(k, minutes * HOUR_NS // 60, learned), STATE)
        for k, (learned, minutes) in enumerate(positions)
    ]


def test_a_thousand_outcomes_or_an_hour_make_one_due(tmp_path: Path) -> None:
    pointer = Checkpointer(CheckpointStore(tmp_path, {}), "x")
    due = offered(pointer, (0, 10), (999, 20), (1_001, 30), (1_999, 40), (1_999, 59), (1_999, 60), (2_000, 61))
    assert due == [False, False, True, False, False, True, True]
    assert pointer.last == Position(6, 61 * HOUR_NS // 60, 2_000)


def test_after_a_restart_they_are_due_where_they_would_have_been(tmp_path: Path) -> None:
    positions = [(40 * k, 7 * k) for k in range(200)]
    whole = Checkpointer(CheckpointStore(tmp_path / "a", {}), "x")
    expected = offered(whole, *positions)
    assert sum(expected) > 20
    for k in (0, 100, 177):
        restored = Position(k, 7 * k * HOUR_NS // 60, 40 * k)
        again = Checkpointer(CheckpointStore(tmp_path / "b", {}), "x", last=restored)
        assert offered(again, *positions[k + 1 :]) == expected[k + 1 :]


def test_what_could_not_be_written_stays_due(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    pointer = Checkpointer(CheckpointStore(tmp_path / "file" / "in", {}), "x")
    offered(pointer, (0, 0))
    for _ in range(2):
        with pytest.raises(OutputError):
            offered(pointer, (1_000, 0))


@pytest.mark.parametrize(("learned", "ns"), [(0, 1), (1, 0)])
def test_intervals_below_one_are_refused(tmp_path: Path, learned: int, ns: int) -> None:
    with pytest.raises(ConfigError):
        Checkpointer(CheckpointStore(tmp_path, {}), "x", learned, ns)


def test_a_learner_that_was_stopped_ends_with_the_bits_of_one_that_was_not(tmp_path: Path) -> None:
    hours = hours_of("BTCUSDT").head(3_000)
    columns = np.ascontiguousarray(hours.select(BARS).to_numpy().T, np.float64)
    ts, (features, widths), params = hours["ts"].to_numpy(), inputs_of(columns), make_params()
    out = np.zeros((MODELS, 3_000))

    def run(folder: Path, stop: int) -> bytes:
        """Go on from the last checkpoint to a row, one by one, and forget everything but what is on disk."""
        store = CheckpointStore(folder, environment_identity())
        found = store.load_latest("BTCUSDT", DESK)
        state = np.zeros(1, DESK) if found is None else found.state
        pointer = Checkpointer(store, "BTCUSDT", 100, 1_000 * HOUR_NS, None if found is None else found.position)
        for k in range(0 if found is None else found.position.rows, stop):
            walk(state, params, columns, features, widths, out, k, k + 1)
            pointer.offer(Position(k + 1, int(ts[k]), int(state["learners"]["learned"].min())), state)
        return state.tobytes()

    expected = run(tmp_path / "whole", 3_000)
    for stop in (50, 777, 778, 2_345, 2_999):
        run(tmp_path / "stopped", stop)
    assert run(tmp_path / "stopped", 3_000) == expected
