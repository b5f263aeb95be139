"""Drift response: five levels, raised by alarms and lowered by outcomes without one.

    NORMAL ─► REDUCED ─► RETRAIN ─► ROLL_BACK ─► STOPPED
     size 1     1/2        1/2        1/4          0

- Up: a row with an alarm escalates one level, unless an escalation was less than `cooldown_rows` before. Entering
  RETRAIN requests a new model, entering ROLL_BACK the previous model, entering STOPPED an end of new positions: once
  each, in the row that entered. An alarm on inputs or predictions alone escalates no further than RETRAIN: the market
  has changed, but nothing is lost yet. Higher levels take an alarm on error or profit.
- Down: `quiet_outcomes` outcomes in a row without an alarm lower the level by one, and request nothing. STOPPED is not
  lowered so: without positions nothing can go wrong there.
- `release`, on a new model or an operator's reset, sets every level above REDUCED to REDUCED. A new model is on trial
  until the level falls to NORMAL; a model exchanged in NORMAL stays there. The cool-down begins anew, so that alarms
  that the old model left behind do not count against the new one. Restoring the previous model releases nothing.

An alarm inside a cool-down is not kept: detectors start afresh after each, and a drift that goes on alarms again.
"""

from enum import IntEnum

import numpy as np

from quaestor.errors import ConfigError
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table, record


class Level(IntEnum):
    """Level of the response."""

    NORMAL = 0
    REDUCED = 1
    RETRAIN = 2
    ROLL_BACK = 3
    STOPPED = 4


class Request(IntEnum):
    """Request of a row to the model manager: numbered as the level whose entry makes it."""

    NONE = 0
    RETRAIN = 2
    ROLL_BACK = 3
    STOP = 4


_NORMAL = int(Level.NORMAL)
_REDUCED = int(Level.REDUCED)
_RETRAIN = int(Level.RETRAIN)
_STOPPED = int(Level.STOPPED)

# bits of alarms, by detector
INPUTS = 1
PREDICTIONS = 2
ERROR = 4
PROFIT = 8
_HARM = ERROR | PROFIT

#: Names of the bits, the lowest first.
ALARM_NAMES = ("inputs", "predictions", "error", "profit")

#: State of `escalate`; zero bytes are a fresh one.
DRIFT_RESPONSE = record(
    [
        ("level", "i8"),  # Level
        ("request", "i8"),  # Request of the last row
        ("alarms", "i8"),  # bits of the last row
        ("causes", "i8"),  # bits of all rows since NORMAL was last left
        ("cooling", "i8"),  # rows until an alarm escalates again
        ("quiet", "i8"),  # outcomes since the last alarm or change of level
        ("entered", "i8", (len(Level),)),  # how many times alarms raised it to each level
    ]
)

#: Its parameters, made by `pack_drift_response`.
DRIFT_RESPONSE_PARAMS = record([("cooldown_rows", "i8"), ("quiet_outcomes", "i8"), ("sizes", "f8", (len(Level),))])


def pack_drift_response(
    cooldown_rows: int = 200, quiet_outcomes: int = 500, reduced: float = 0.5, last: float = 0.25
) -> Table:
    """Return one element of DRIFT_RESPONSE_PARAMS.

    Args:
        cooldown_rows: rows from one escalation to the next, at least 1.
        quiet_outcomes: outcomes without an alarm that lower the level, at least 1.
        reduced: size of positions in REDUCED and RETRAIN, as a fraction of the normal one.
        last: the same in ROLL_BACK.

    Raises:
        ConfigError: a number out of range, or sizes that grow on the way up.
    """
    if not (cooldown_rows >= 1 and quiet_outcomes >= 1 and 0.0 <= last <= reduced <= 1.0):
        raise ConfigError(
            f"cool-down {cooldown_rows}, quiet {quiet_outcomes}, sizes {reduced:g} and {last:g}",
            place="drift response",
            remedy="give 1 or more rows and outcomes, and 0 ≤ last ≤ reduced ≤ 1",
        )
    return np.array([(cooldown_rows, quiet_outcomes, (1.0, reduced, reduced, last, 0.0))], DRIFT_RESPONSE_PARAMS)


@kernel
def escalate(drift_response: Row, params: Row, alarms: int, outcomes: int) -> int:
    """Take one row and return its level.

    Args:
        drift_response: of DRIFT_RESPONSE; `level`, `request`, `alarms` and `causes` are the result.
        params: of DRIFT_RESPONSE_PARAMS.
        alarms: bits of the detectors that alarmed in this row.
        outcomes: how many opinions this row settled.
    """
    level = drift_response["level"]
    drift_response["alarms"] = alarms
    drift_response["request"] = 0
    if drift_response["cooling"] > 0:
        drift_response["cooling"] -= 1
    if alarms != 0:
        drift_response["quiet"] = 0
        drift_response["causes"] |= alarms
        if drift_response["cooling"] == 0 and level < _highest(alarms):
            level += 1
            drift_response["entered"][level] += 1
            drift_response["cooling"] = params["cooldown_rows"]
            drift_response["request"] = level if level >= _RETRAIN else 0
    elif _NORMAL < level < _STOPPED:
        drift_response["quiet"] += outcomes
        if drift_response["quiet"] >= params["quiet_outcomes"]:
            level -= 1
            drift_response["quiet"] = 0
    if level == _NORMAL:
        drift_response["causes"] = 0
    drift_response["level"] = level
    return level


@kernel
def release(drift_response: Row, params: Row) -> int:
    """Lower the level after a new model or an operator's reset; return the level from here on."""
    drift_response["level"] = min(drift_response["level"], _REDUCED)
    drift_response["cooling"] = params["cooldown_rows"]
    drift_response["quiet"] = 0
    return drift_response["level"]


@kernel
def size_factor(drift_response: Row, params: Row) -> float:
    """Return the factor of a new position's size at this level, in [0, 1]."""
    return params["sizes"][drift_response["level"]]


@kernel
def _highest(alarms: int) -> int:
    """Return the highest level that these alarms escalate to."""
    return _STOPPED if alarms & _HARM != 0 else _RETRAIN


def alarm_names(alarms: int) -> tuple[str, ...]:
    """Return the names of the detectors whose bits are set.

    Example:
        >>> alarm_names(INPUTS | ERROR)
        ('inputs', 'error')
    """
    return tuple(name for bit, name in enumerate(ALARM_NAMES) if alarms >> bit & 1)
