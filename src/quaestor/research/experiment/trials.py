"""Trial log: every configuration that was tested, so that a Sharpe ratio is deflated by their number.

Every walk-forward test is logged before its figures are shown. The same configuration on the same data is the
same trial, however often it is repeated.
"""

import hashlib
from pathlib import Path

import msgspec

from quaestor.research.experiment.lines import add_line, read_lines
from quaestor.runtime.config import RunConfig

FILE = "trials.jsonl"


class Trial(msgspec.Struct, frozen=True):
    """One configuration that was tested."""

    ts: int  # when, ns UTC
    trial: str  # SHA-256 of configuration and data
    instruments: tuple[str, ...]  # names of their models
    first_ts: int  # open time of the first bar tested, ns UTC
    last_ts: int  # and of the first that was not
    total_return: float
    sharpe: float | None  # annual


def trial_sha256(config: RunConfig, training: str, data: tuple[str, ...]) -> str:
    """Return the identity of a trial: how it trades, how it is trained, and the digests of its data.

    Args:
        config: of the run; where its files lie does not count.
        training: settings of training as JSON.
        data: SHA-256 of each instrument's bars.
    """
    plain = config.model_dump(
        mode="json", exclude={"data": True, "journal": True, "out": True, "models": {"dir", "use", "training"}}
    )
    text = msgspec.json.encode({**plain, "training": training, "data": data}, order="sorted")
    return hashlib.sha256(text).hexdigest()


def log_trial(root: Path, trial: Trial) -> int:
    """Append a trial; return how many different ones were made on any of its instruments, itself included."""
    add_line(root / FILE, trial)
    return count_trials(root, trial.instruments)


def count_trials(root: Path, instruments: tuple[str, ...]) -> int:
    """Return the number of different trials on any of some instruments.

    Raises:
        ModelError: the log cannot be read.
    """
    lines = read_lines(root / FILE, Trial)
    return len({line.trial for line in lines if set(line.instruments) & set(instruments)})
