"""Time family of features: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.time.clock import (
    MINUTE_OF_DAY,
    MINUTES_TO_FUNDING,
    SESSIONS,
    TURN_OF_MONTH,
    WEEKEND,
)
from quaestor.features.indicators.time.cycles import TIME_OF_DAY, TIME_OF_MONTH, TIME_OF_WEEK, TIME_OF_YEAR
from quaestor.features.indicators.time.day_so_far import DAY_RETURN, OPENING_RANGE, OVERNIGHT_GAP, SESSION_VWAP
from quaestor.features.indicators.time.hour_of_day import HOUR_RETURN, HOUR_VOLUME
from quaestor.features.indicators.time.previous_day import FLOOR_PIVOTS, PREVIOUS_DAY
from quaestor.features.indicators.time.us_session import US_SESSION

FEATURES: tuple[Feature, ...] = (
    TIME_OF_DAY,
    TIME_OF_WEEK,
    TIME_OF_MONTH,
    TIME_OF_YEAR,
    MINUTE_OF_DAY,
    WEEKEND,
    TURN_OF_MONTH,
    SESSIONS,
    US_SESSION,
    MINUTES_TO_FUNDING,
    SESSION_VWAP,
    OPENING_RANGE,
    DAY_RETURN,
    OVERNIGHT_GAP,
    PREVIOUS_DAY,
    FLOOR_PIVOTS,
    HOUR_VOLUME,
    HOUR_RETURN,
)
