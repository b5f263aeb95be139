"""Logs of trials and hold-outs: lines are added and never changed; trials count once, hold-outs open once."""

from pathlib import Path

import pytest

from quaestor.errors import ModelError, OutputError
from quaestor.research.experiment.holdout_log import FILE as HOLDOUT
from quaestor.research.experiment.holdout_log import Access, Look, access, log_look, looks_at
from quaestor.research.experiment.trials import FILE as TRIALS
from quaestor.research.experiment.trials import Trial, count_trials, log_trial, trial_sha256
from quaestor.runtime.config import RunConfig


def trial(name: str, *instruments: str) -> Trial:
    return Trial(1, name, instruments, 10, 20, 0.1, None)


def look(instrument: str, first: int, last: int) -> Look:
    return Look(1, instrument, "data", first, last, "model", {"return": 0.1})


def test_the_same_trial_counts_once_and_others_add_up(tmp_path: Path) -> None:
    assert log_trial(tmp_path, trial("a", "BTC", "ETH")) == 1
    assert log_trial(tmp_path, trial("a", "BTC", "ETH")) == 1
    assert log_trial(tmp_path, trial("b", "ETH")) == 2
    assert log_trial(tmp_path, trial("c", "SOL")) == 1  # of another instrument
    assert count_trials(tmp_path, ("BTC",)) == 1
    assert count_trials(tmp_path, ("BTC", "SOL", "ETH")) == 3
    assert count_trials(tmp_path / "elsewhere", ("BTC",)) == 0
    assert len((tmp_path / TRIALS).read_text().splitlines()) == 4


def test_a_trial_is_its_settings_and_its_data_and_not_where_they_lie() -> None:
    def made(**sections: object) -> str:
        training, data = str(sections.pop("training", "{}")), sections.pop("sha256", ("a",))
        assert isinstance(data, tuple)
        return trial_sha256(RunConfig.model_validate(sections), training, data)

    plain = made()
    assert plain == made(out="x", data={"path": "y"}, journal={"dir": "z"}, models={"dir": "m", "use": {"B": "n"}})
    others = [
        made(costs={"fee_bps": 1}),
        made(models={"first_bars": 10}),
        made(seed=1),
        made(training="{1}"),
        made(sha256=("b",)),
        made(strategy={"name": "learned", "settings": {"margin": "2"}}),
    ]
    assert len({plain, *others}) == 7


def test_any_bar_that_was_seen_closes_the_hold_out(tmp_path: Path) -> None:
    log_look(tmp_path, look("BTC", 100, 200))
    assert [len(looks_at(tmp_path, ("BTC", "ETH"), *span)) for span in ((200, 300), (50, 100), (150, 160))] == [1] * 3
    assert looks_at(tmp_path, ("BTC",), 201, 300) == ()
    assert looks_at(tmp_path, ("ETH",), 100, 200) == ()
    log_look(tmp_path, look("BTC", 100, 200))
    assert looks_at(tmp_path, ("BTC",), 0, 999) == (look("BTC", 100, 200),) * 2


@pytest.mark.parametrize(
    ("seen", "allowed", "again", "answer"),
    [
        (False, True, False, Access.OPENED),
        (False, True, True, Access.OPENED),
        (False, False, False, Access.CLOSED),
        (True, True, False, Access.REFUSED),
        (True, True, True, Access.REOPENED),
        (True, False, True, Access.CLOSED),
    ],
)
def test_access_depends_on_earlier_looks_and_the_settings(
    *, seen: bool, allowed: bool, again: bool, answer: Access
) -> None:
    assert access((look("BTC", 1, 2),) if seen else (), allowed=allowed, again=again) is answer


def test_a_damaged_log_is_refused(tmp_path: Path) -> None:
    log_trial(tmp_path, trial("a", "BTC"))
    for name, read in (
        (TRIALS, lambda: count_trials(tmp_path, ("BTC",))),
        (HOLDOUT, lambda: looks_at(tmp_path, ("BTC",), 0, 1)),
    ):
        with (tmp_path / name).open("a") as file:
            file.write("{}\n")
        with pytest.raises(ModelError, match=name):
            read()


def test_an_unwritable_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        log_look(tmp_path / "file", look("BTC", 1, 2))
