"""What a trained model writes for every bar, by row of its opinion."""

from collections.abc import Sequence
from enum import IntEnum


class Output(IntEnum):
    """Rows that every trained model has; see `output_names` for those after them."""

    SIGNAL = 0
    CONFIDENCE = 1
    EDGE = 2  # expected gain of the favoured direction, as a fraction of the notional, before costs
    COST = 3  # what trading it would cost, as a fraction of the notional
    NET_EDGE = 4  # the one less the other
    EDGE_ERROR = 5  # standard error of the edge
    EDGE_BARS = 6  # bars that the edge is the expected gain over: the horizon that was trained for
    SCORE = 7  # pooled probability that the outcome is up
    REASON = 8  # Abstention
    POSTERIOR = 9  # probability of the regime
    NOISE = 10  # share of the weight that disagrees
    LEVEL = 11  # of the drift response
    REQUEST = 12  # what the drift response asks for
    ALARMS = 13  # bits of the detectors that went off


#: Rows before the models'.
N_FIXED = len(Output)


def output_names(models: Sequence[str], features: Sequence[str], alphas: Sequence[str]) -> tuple[str, ...]:
    """Every row by name: the fixed ones, probability and weight of each model, scaled inputs, and what rules said."""
    return (
        *(output.name.lower() for output in Output),
        *(f"{model}.{what}" for model in models for what in ("probability", "weight")),
        *(f"scaled.{feature}" for feature in features),
        *(f"{alpha}.{what}" for alpha in alphas for what in ("signal", "confidence")),
    )
