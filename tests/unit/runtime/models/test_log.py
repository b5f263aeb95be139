"""Model log: which model made a decision."""

from quaestor.domain.training import ModelReady, Reason, TrainRequested
from quaestor.runtime.models.log import ModelLogEntry, model_in_use


def requested(number: int, reason: Reason, ts: int, champion: str, instrument: int = 0) -> ModelLogEntry:
    return ModelLogEntry(ts, asked=TrainRequested(number, instrument, reason, ts, 10, 0, champion, number + 1))


def ready(number: int, sha256: str, ts: int, instrument: int = 0) -> ModelLogEntry:
    return ModelLogEntry(ts, used=ModelReady(number, instrument, sha256, 0, ts, ""))


ENTRIES = [
    requested(0, Reason.START, 100, "none"),
    ready(0, "one", 120),
    requested(0, Reason.START, 130, "none", instrument=1),
    ready(0, "other", 150, instrument=1),
    requested(1, Reason.DRIFT, 200, "one"),
    ready(1, "two", 220),
    requested(2, Reason.SCHEDULE, 240, "two"),
    ready(2, "two", 250),
    requested(3, Reason.ROLLBACK, 300, "two"),
    ready(3, "one", 300),
]


def in_use(instrument: int, ts: int) -> str:
    entry = model_in_use(ENTRIES, instrument, ts)
    return entry.used.sha256 if entry is not None and entry.used is not None else ""


def test_a_model_decides_from_the_bar_in_which_it_came_into_use() -> None:
    assert [in_use(0, ts) for ts in (110, 120, 219, 220, 299)] == ["", "one", "one", "two", "two"]


def test_a_model_rolled_back_to_decides_from_the_bar_after() -> None:
    assert [in_use(0, ts) for ts in (300, 301)] == ["two", "one"]


def test_a_champion_that_is_kept_stays_in_use_since_its_own_entry() -> None:
    entry = model_in_use(ENTRIES, 0, 260)
    assert entry is not None
    assert entry.ts == 220


def test_each_instrument_has_its_own_model_in_use() -> None:
    assert [in_use(1, ts) for ts in (149, 150, 400)] == ["", "other", "other"]
