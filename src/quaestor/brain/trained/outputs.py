"""Layout of a trained model's opinion: rows of the matrix by meaning, for kernels and outside them.

The fixed rows come first, then probability and weight of each model, its scaled inputs, and signal and confidence of
each classical strategy.
"""

from collections.abc import Sequence
from enum import IntEnum

from quaestor.jit.compile import inlined


class Output(IntEnum):
    """Row that every trained model has, with its `meaning`. NaN where there is no opinion."""

    meaning: str

    SIGNAL = 0, "direction × strength, in [-1, 1]"
    CONFIDENCE = 1, "in [0, 1]"
    EDGE = 2, "expected gain of the favoured direction, as a fraction of the notional, before costs"
    COST = 3, "what trading it would cost, as a fraction of the notional"
    NET_EDGE = 4, "`edge` less `cost`"
    EDGE_ERROR = 5, "standard error of the edge"
    EDGE_BARS = 6, "bars that the edge is the expected gain over: the horizon that was trained for"
    SCORE = 7, "pooled probability that the outcome is up"
    REASON = 8, "`Abstention`"
    POSTERIOR = 9, "probability of the regime"
    NOISE = 10, "share of the weight that disagrees"
    LEVEL = 11, "`Level` of the drift response"
    REQUEST = 12, "`Request` of the drift response"
    ALARMS = 13, "bits of the drift detectors that alarmed"

    def __new__(cls, row: int, meaning: str) -> "Output":
        """Return a member whose value is its row."""
        member = int.__new__(cls, row)
        member._value_ = row
        member.meaning = meaning
        return member


#: Rows before the models'.
N_FIXED = len(Output)

_PER_MODEL = ("probability", "weight")
_PER_ALPHA = ("signal", "confidence")
_MODEL_ROWS = len(_PER_MODEL)
_ALPHA_ROWS = len(_PER_ALPHA)


@inlined
def probability_row(j: int) -> int:
    """Return the row of model j's calibrated probability of *up*."""
    return N_FIXED + _MODEL_ROWS * j


@inlined
def weight_row(j: int) -> int:
    """Return the row of model j's weight in the pool."""
    return N_FIXED + _MODEL_ROWS * j + 1


@inlined
def input_row(models: int, f: int) -> int:
    """Return the row of scaled input f of a model made of `models` models."""
    return N_FIXED + _MODEL_ROWS * models + f


@inlined
def alpha_row(models: int, features: int, a: int) -> int:
    """Return the row of classical strategy a's signal; its confidence is in the row after it."""
    return N_FIXED + _MODEL_ROWS * models + features + _ALPHA_ROWS * a


def probabilities(models: int) -> slice:
    """Return the rows of every model's probability.

    Example:
        >>> probabilities(2), weights(2), inputs(2, 3), signals(2, 3, 1)
        (slice(14, 18, 2), slice(15, 18, 2), slice(18, 21, None), slice(21, 23, 2))
    """
    return slice(probability_row(0), input_row(models, 0), _MODEL_ROWS)


def weights(models: int) -> slice:
    """Return the rows of every model's weight."""
    return slice(weight_row(0), input_row(models, 0), _MODEL_ROWS)


def inputs(models: int, features: int) -> slice:
    """Return the rows of the scaled inputs."""
    return slice(input_row(models, 0), input_row(models, features))


def signals(models: int, features: int, alphas: int) -> slice:
    """Return the rows of every classical strategy's signal."""
    return slice(alpha_row(models, features, 0), alpha_row(models, features, alphas), _ALPHA_ROWS)


def output_names(models: Sequence[str], features: Sequence[str], alphas: Sequence[str]) -> tuple[str, ...]:
    """Return every row by name, in order."""
    return (
        *(output.name.lower() for output in Output),
        *(f"{model}.{what}" for model in models for what in _PER_MODEL),
        *(f"scaled.{feature}" for feature in features),
        *(f"{alpha}.{what}" for alpha in alphas for what in _PER_ALPHA),
    )
