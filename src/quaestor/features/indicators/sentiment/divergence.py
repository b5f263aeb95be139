"""Sentiment divergence: standard score of the sentiment less that of the close."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.features.indicators.held_values import standard_score
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing
from quaestor.numeric.rolling import moments_dtype


def _divergence_state(length: int) -> np.dtype[np.void]:
    window = moments_dtype(length)
    return np.dtype([("count", "<i8"), ("moods", window, (1,)), ("closes", window, (1,))], align=True)


@kernel
def advance_divergence(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the standard score of the sentiment less that of the close."""
    s = state[0]
    length = params[0]["length"]
    count = s["count"]
    for k in range(i, n):
        mood, close = columns[Column.SENTIMENT, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(mood, close, 0.0):
            continue
        distance = standard_score(s["moods"], length, mood) - standard_score(s["closes"], length, close)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = distance
    s["count"] = count


SENTIMENT_PRICE_DIVERGENCE = Feature(
    name="sentiment_price_divergence",
    family="sentiment",
    doc="z(sentiment) − z(close), each the distance from its mean of the last `length` bars in sample standard "
    "deviations (0 without spread): positive where the sentiment is higher in its range than the price in its own.",
    units="standard deviations",
    source="Standard scores; after Baker and Wurgler (2006), Investor Sentiment and the Cross-Section of Stock Returns",
    inputs=(Column.SENTIMENT, Column.CLOSE),
    outputs=("sentiment_price_divergence",),
    parameters=(Integer("length", 168, 2, 100_000, "bars"),),
    advance=advance_divergence,
    state_dtype=_divergence_state,
    warmup=lambda length: length - 1,
)
