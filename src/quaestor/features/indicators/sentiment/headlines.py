"""Headline sentiment: mean score of an instrument's headlines, its change and rarity, and their number."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.held_values import (
    NO_STATE,
    advance_change,
    advance_value,
    advance_zscore,
    change_dtype,
    zscore_dtype,
)
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import counted_windows, push_sum

_SENTIMENT = int(Column.SENTIMENT)
_SOURCE = "Tetlock (2007), Giving Content to Investor Sentiment; Hutto and Gilbert (2014), VADER"


@kernel
def advance_sentiment(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the sentiment of the market matrix."""
    advance_value(_SENTIMENT, 1.0, 0.0, columns, out, i, n)


@kernel
def advance_sentiment_change(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the change from `length` bars ago."""
    advance_change(state, params[0]["length"], _SENTIMENT, 1.0, columns, out, i, n)


@kernel
def advance_sentiment_zscore(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distance from the mean of `length` bars in sample standard deviations."""
    advance_zscore(state, params[0]["length"], _SENTIMENT, columns, out, i, n)


@kernel
def advance_headline_intensity(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the decayed number of headlines over its mean."""
    s = state[0]
    length = params[0]["length"]
    window = s["window"]
    count = s["count"]
    for k in range(i, n):
        x = columns[Column.HEADLINES, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        total = push_sum(window, length, x)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = x / (total / length) if total > 0.0 else 0.0
    s["count"] = count


SENTIMENT = Feature(
    name="sentiment",
    family="sentiment",
    doc="Mean score of the headlines about the instrument known at the close, each weighted by 2^(−age / half-life), "
    "and of one 0: in [−1, 1]; 0 when there is none, towards 0 as they age.",
    units="score",
    source=_SOURCE,
    inputs=(Column.SENTIMENT,),
    outputs=("sentiment",),
    parameters=(),
    advance=advance_sentiment,
    state_dtype=always(NO_STATE),
    warmup=always(0),
)

SENTIMENT_CHANGE = Feature(
    name="sentiment_change",
    family="sentiment",
    doc="sentiment − sentiment `length` bars ago; in [−2, 2].",
    units="score",
    source=_SOURCE,
    inputs=(Column.SENTIMENT,),
    outputs=("sentiment_change",),
    parameters=(Integer("length", 24, 1, 100_000, "bars"),),
    advance=advance_sentiment_change,
    state_dtype=change_dtype,
    warmup=lambda length: length,
)

SENTIMENT_ZSCORE = Feature(
    name="sentiment_zscore",
    family="sentiment",
    doc="(sentiment − mean) / sample standard deviation of the last `length` bars, this one included; 0 without "
    "spread; in ±(length − 1) / √length.",
    units="standard deviations",
    source=_SOURCE,
    inputs=(Column.SENTIMENT,),
    outputs=("sentiment_zscore",),
    parameters=(Integer("length", 168, 2, 100_000, "bars"),),
    advance=advance_sentiment_zscore,
    state_dtype=zscore_dtype,
    warmup=lambda length: length - 1,
)

HEADLINE_INTENSITY = Feature(
    name="headline_intensity",
    family="sentiment",
    doc="Decayed number of headlines over its mean of the last `length` bars, this one included: 1 is the usual "
    "number; in [0, length], 0 where the window holds none.",
    units="ratio",
    source="Barber and Odean (2008), All That Glitters: news as a measure of attention",
    inputs=(Column.HEADLINES,),
    outputs=("headline_intensity",),
    parameters=(Integer("length", 168, 2, 100_000, "bars"),),
    advance=advance_headline_intensity,
    state_dtype=counted_windows("window"),
    warmup=lambda length: length - 1,
)
