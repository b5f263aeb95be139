"""Page–Hinkley detector: alarms when a series stays above (or below) its own mean for longer than by chance.

It sums distances from the mean so far, less what is tolerated, fading by `keep` a value, and alarms when such a sum is
further than the threshold from its extreme. Thresholds are in the unit of the series: give it one of known scale.

Source: Page (1954), Continuous Inspection Schemes; Hinkley (1971), Inference about the Change-Point from Cumulative Sum
Tests; with the fading of Sebastião and Fernandes (2017).
"""

from enum import IntEnum

import numpy as np

from quaestor.errors import ConfigError
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table, record
from quaestor.numeric.elementary import is_missing


class Direction(IntEnum):
    """Changes of the mean that count."""

    BOTH = 0
    RISE = 1
    FALL = 2


#: State of `update_page_hinkley`; zero bytes are a fresh one.
PAGE_HINKLEY = record(
    [("count", "i8"), ("mean", "f8"), ("rise", "f8"), ("fall", "f8"), ("rise_least", "f8"), ("fall_most", "f8")]
)

#: Its parameters, made by `pack_page_hinkley`.
PAGE_HINKLEY_PARAMS = record(
    [("grace", "i8"), ("direction", "i8"), ("tolerated", "f8"), ("threshold", "f8"), ("keep", "f8")]
)


def pack_page_hinkley(
    grace: int = 30,
    tolerated: float = 0.005,
    threshold: float = 50.0,
    keep: float = 0.9999,
    direction: Direction = Direction.BOTH,
) -> Table:
    """Return one element of PAGE_HINKLEY_PARAMS.

    Args:
        grace: values before the first alarm.
        tolerated: distance from the mean that is no change, in the unit of the series.
        threshold: distance of a sum from its extreme beyond which it alarms.
        keep: share of a sum that a value leaves, in (0, 1]; 1 fades nothing.
        direction: which changes count.

    Raises:
        ConfigError: a number out of range.
    """
    if not (grace >= 1 and 0.0 <= tolerated < np.inf and 0.0 < threshold < np.inf and 0.0 < keep <= 1.0):
        raise ConfigError(
            f"grace {grace}, tolerated {tolerated:g}, threshold {threshold:g}, keep {keep:g}",
            place="Page–Hinkley",
            remedy="give a grace of 1 or more, a threshold above 0, a keep in (0, 1] and tolerate 0 or more",
        )
    return np.array([(grace, int(direction), tolerated, threshold, keep)], PAGE_HINKLEY_PARAMS)


@kernel
def update_page_hinkley(state: Row, params: Row, x: float) -> bool:
    """Take a value and return whether the mean has changed."""
    if is_missing(x):
        return False
    count = state["count"] + 1
    mean = state["mean"] + (x - state["mean"]) / count
    rise = params["keep"] * state["rise"] + (x - mean) - params["tolerated"]
    fall = params["keep"] * state["fall"] + (x - mean) + params["tolerated"]
    rise_least = rise if count == 1 else min(state["rise_least"], rise)
    fall_most = fall if count == 1 else max(state["fall_most"], fall)
    rises = params["direction"] != Direction.FALL and rise - rise_least > params["threshold"]
    falls = params["direction"] != Direction.RISE and fall_most - fall > params["threshold"]
    alarm = count >= params["grace"] and (rises or falls)
    state["count"] = 0 if alarm else count
    state["mean"] = 0.0 if alarm else mean
    state["rise"] = 0.0 if alarm else rise
    state["fall"] = 0.0 if alarm else fall
    state["rise_least"] = 0.0 if alarm else rise_least
    state["fall_most"] = 0.0 if alarm else fall_most
    return alarm
