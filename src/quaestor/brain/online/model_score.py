"""Model score: running skill of one model, each probability scored once its outcome is known (prequentially).

Accuracy and Brier score are over the last 100, 1,000 and 10,000 outcomes, or over all while there are fewer. Their sums
are of integers (half hits, squared errors in billionths), so that what leaves a window is subtracted exactly, and a
score is the same however long ago the model started. The log loss fades instead, to weigh models against one another.

Source: Dawid (1984), Present Position and Potential Developments: the Prequential Approach; Gama, Sebastião and
Rodrigues (2013), On evaluating stream learning algorithms; Brier (1950), Verification of Forecasts.
"""

import numpy as np

from quaestor.errors import ConfigError
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table, record
from quaestor.numeric.elementary import half_life_decay, natural_log

#: Outcomes that each window holds.
WINDOWS = (100, 1_000, 10_000)
_RING = WINDOWS[-1]
_UNITS = 1_000_000_000  # squared errors are counted in billionths
_CERTAIN = 1e-6  # probabilities closer to 0 or 1 are scored as this one

#: State of `score`: the record of one model. Zero bytes are a fresh one.
MODEL_SCORE = record(
    [
        ("count", "i8"),  # outcomes scored so far
        ("log_loss", "f8"),  # exponentially weighted mean
        ("weight", "f8"),  # sum of its weights
        ("half_hits", "i8", (len(WINDOWS),)),  # sums over each window
        ("squared_errors", "i8", (len(WINDOWS),)),
        ("ups", "i8", (len(WINDOWS),)),
        ("half_hit_ring", "i1", (_RING,)),
        ("up_ring", "i1", (_RING,)),
        ("squared_error_ring", "i4", (_RING,)),
    ]
)

#: Parameters of `score`, made by `pack_model_score`.
MODEL_SCORE_PARAMS = record([("decay", "f8")])


def pack_model_score(half_life: float) -> Table:
    """Return one element of MODEL_SCORE_PARAMS.

    Args:
        half_life: outcomes after which one weighs half in the log loss.

    Raises:
        ConfigError: not above 0 or not finite.
    """
    if not 0.0 < half_life < np.inf:
        raise ConfigError(f"a half-life of {half_life:g} outcomes", place="model score", remedy="give one above 0")
    table = np.zeros(1, MODEL_SCORE_PARAMS)
    table["decay"] = half_life_decay(1.0, half_life)
    return table


@kernel
def score(model_score: Row, params: Row, probability: float, up: bool) -> None:
    """Add the probability of up and its outcome to the score.

    A hit is a probability on the right side of ½; ½ itself is half a hit. NaN, no opinion, is not scored.
    """
    if not 0.0 <= probability <= 1.0:
        return
    count = model_score["count"]
    place = count % _RING
    half_hits, squared_errors, ups = model_score["half_hits"], model_score["squared_errors"], model_score["ups"]
    half_hit_ring, up_ring, squared_error_ring = (
        model_score["half_hit_ring"],
        model_score["up_ring"],
        model_score["squared_error_ring"],
    )
    for w in range(len(WINDOWS)):
        if count >= WINDOWS[w]:
            gone = (count - WINDOWS[w]) % _RING
            half_hits[w] -= half_hit_ring[gone]
            squared_errors[w] -= squared_error_ring[gone]
            ups[w] -= up_ring[gone]
    wrong = 1.0 - probability if up else probability
    half_hit_ring[place] = 1 if wrong == 0.5 else (2 if wrong < 0.5 else 0)
    squared_error_ring[place] = int(wrong * wrong * _UNITS + 0.5)
    up_ring[place] = 1 if up else 0
    for w in range(len(WINDOWS)):
        half_hits[w] += half_hit_ring[place]
        squared_errors[w] += squared_error_ring[place]
        ups[w] += up_ring[place]
    model_score["count"] = count + 1
    model_score["weight"] = params["decay"] * model_score["weight"] + 1.0
    loss = -natural_log(max(1.0 - wrong, _CERTAIN))
    model_score["log_loss"] += (loss - model_score["log_loss"]) / model_score["weight"]


@kernel
def accuracy(model_score: Row, window: int) -> float:
    """Return the share of hits over ``WINDOWS[window]``, NaN before the first outcome."""
    return _mean(model_score["half_hits"][window], model_score["count"], window) / 2.0


@kernel
def brier_score(model_score: Row, window: int) -> float:
    """Return the mean squared error of the probability over ``WINDOWS[window]``, to a billionth; always ½ scores ¼."""
    return _mean(model_score["squared_errors"][window], model_score["count"], window) / _UNITS


@kernel
def base_rate(model_score: Row, window: int) -> float:
    """Return the accuracy of always giving the more frequent class of ``WINDOWS[window]``, which skill must exceed."""
    share = _mean(model_score["ups"][window], model_score["count"], window)
    return share if not share < 0.5 else 1.0 - share


@kernel
def _mean(total: int, count: int, window: int) -> float:
    return total / float(min(count, WINDOWS[window])) if count > 0 else np.nan
