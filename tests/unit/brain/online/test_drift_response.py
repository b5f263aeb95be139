"""Drift response: levels by hand, and invariants under any alarms, outcomes and releases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from quaestor.brain.online import drift_response as module
from quaestor.brain.online.drift_response import (
    DRIFT_RESPONSE,
    ERROR,
    INPUTS,
    PREDICTIONS,
    PROFIT,
    Level,
    Request,
    alarm_names,
    escalate,
    pack_drift_response,
    release,
    size_factor,
)
from quaestor.errors import ConfigError
from quaestor.jit.compile import interpreted
from quaestor.jit.tables import Table

ALARMS = st.integers(0, 15)


def fresh() -> tuple[Table, Table]:
    return np.zeros(1, DRIFT_RESPONSE), pack_drift_response(cooldown_rows=3, quiet_outcomes=4)


def test_levels_escalate_on_alarms_and_fall_after_quiet_outcomes() -> None:
    drift_response, params = fresh()
    rows = [
        # alarms, outcomes → level, request
        (0, 1, Level.NORMAL, Request.NONE),
        (ERROR, 1, Level.REDUCED, Request.NONE),  # the first alarm escalates at once
        (ERROR, 1, Level.REDUCED, Request.NONE),  # within the cool-down
        (PROFIT, 1, Level.REDUCED, Request.NONE),
        (PROFIT, 1, Level.RETRAIN, Request.RETRAIN),
        (0, 1, Level.RETRAIN, Request.NONE),  # requested once
        (0, 1, Level.RETRAIN, Request.NONE),
        (INPUTS | PREDICTIONS, 0, Level.RETRAIN, Request.NONE),  # inputs alone escalate no further
        (ERROR | INPUTS, 0, Level.ROLL_BACK, Request.ROLL_BACK),
        (0, 3, Level.ROLL_BACK, Request.NONE),
        (0, 1, Level.RETRAIN, Request.NONE),  # four quiet outcomes; no request on the way down
        (0, 5, Level.REDUCED, Request.NONE),
        (0, 0, Level.REDUCED, Request.NONE),
        (0, 9, Level.NORMAL, Request.NONE),
    ]
    for alarms, outcomes, level, request in rows:
        before = int(drift_response["causes"][0])
        assert escalate(drift_response[0], params[0], alarms, outcomes) == level
        assert (drift_response["level"][0], drift_response["request"][0], drift_response["alarms"][0]) == (
            level,
            request,
            alarms,
        )
        assert drift_response["causes"][0] == (0 if level == Level.NORMAL else before | alarms)


def test_only_a_release_leaves_the_stopped_level() -> None:
    drift_response, params = fresh()
    for _ in range(20):
        escalate(drift_response[0], params[0], PROFIT, 1)
    assert drift_response["level"][0] == Level.STOPPED
    for _ in range(50):
        assert escalate(drift_response[0], params[0], 0, 100) == Level.STOPPED
    assert release(drift_response[0], params[0]) == Level.REDUCED
    assert escalate(drift_response[0], params[0], ERROR, 0) == Level.REDUCED  # alarm from the old model's outcomes
    assert escalate(drift_response[0], params[0], ERROR, 0) == Level.REDUCED
    assert escalate(drift_response[0], params[0], ERROR, 0) == Level.RETRAIN


def test_a_release_at_the_normal_level_keeps_the_full_size() -> None:
    drift_response, params = fresh()
    assert release(drift_response[0], params[0]) == Level.NORMAL
    assert size_factor(drift_response[0], params[0]) == 1.0


def test_sizes_shrink_with_the_level() -> None:
    drift_response, params = fresh()
    sizes = []
    for level in Level:
        drift_response["level"] = level
        sizes.append(size_factor(drift_response[0], params[0]))
    assert sizes == [1.0, 0.5, 0.5, 0.25, 0.0]
    assert alarm_names(PROFIT | PREDICTIONS) == ("predictions", "profit")


class Walk(RuleBasedStateMachine):
    """Any order of rows and releases."""

    @initialize(cooldown=st.integers(1, 6), quiet=st.integers(1, 6))
    def start(self, cooldown: int, quiet: int) -> None:
        self.cooldown, self.quiet = cooldown, quiet
        self.drift_response, self.params = np.zeros(1, DRIFT_RESPONSE), pack_drift_response(cooldown, quiet)
        self.row, self.held, self.calm = 0, -(10**9), 0

    @rule(alarms=ALARMS, outcomes=st.integers(0, 3))
    def take_row(self, alarms: int, outcomes: int) -> None:
        before = int(self.drift_response["level"][0])
        after = escalate(self.drift_response[0], self.params[0], alarms, outcomes)
        self.row += 1
        self.calm = 0 if alarms else self.calm + outcomes
        assert abs(after - before) <= 1
        if after > before:
            assert alarms
            assert self.row - self.held >= self.cooldown
            assert after <= Level.RETRAIN or alarms & (ERROR | PROFIT)
            self.held = self.row
        elif after < before:
            assert before != Level.STOPPED
            assert self.calm >= self.quiet
        else:
            escalations = self.row - self.held >= self.cooldown and before < Level.STOPPED
            assert not (escalations and alarms & (ERROR | PROFIT))
        entered = after > before and after >= Level.RETRAIN
        assert self.drift_response["request"][0] == (after if entered else Request.NONE)

    @rule()
    def accept_model(self) -> None:
        before = int(self.drift_response["level"][0])
        assert release(self.drift_response[0], self.params[0]) == min(before, Level.REDUCED)
        self.held, self.calm = self.row, 0

    @invariant()
    def level_size_and_causes_are_consistent(self) -> None:
        if not hasattr(self, "drift_response"):
            return
        level = int(self.drift_response["level"][0])
        assert Level.NORMAL <= level <= Level.STOPPED
        assert 0.0 <= size_factor(self.drift_response[0], self.params[0]) <= 1.0
        assert level == Level.NORMAL or self.drift_response["causes"][0]


TestWalk = Walk.TestCase


@given(st.lists(st.tuples(ALARMS, st.integers(0, 3)), max_size=80))
def test_the_interpreted_twin_and_a_restored_state_agree(rows: list[tuple[int, int]]) -> None:
    (drift_response, params), (plain, _) = fresh(), fresh()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_highest", interpreted(module._highest))
        for alarms, outcomes in rows:
            interpreted(escalate)(plain[0], params[0], alarms, outcomes)
    for alarms, outcomes in rows:
        drift_response = np.frombuffer(drift_response.tobytes(), DRIFT_RESPONSE).copy()
        escalate(drift_response[0], params[0], alarms, outcomes)
    assert plain.tobytes() == drift_response.tobytes()


@pytest.mark.parametrize(
    ("cooldown", "quiet", "reduced", "last"), [(0, 1, 0.5, 0.2), (1, 0, 0.5, 0.2), (1, 1, 0.2, 0.5), (1, 1, 1.5, 0.5)]
)
def test_numbers_out_of_range_are_refused(cooldown: int, quiet: int, reduced: float, last: float) -> None:
    with pytest.raises(ConfigError, match="drift response"):
        pack_drift_response(cooldown, quiet, reduced, last)
