"""What a learned mind writes for every bar, by row of its opinion."""

from collections.abc import Sequence
from enum import IntEnum


class Output(IntEnum):
    """Rows that every learned mind has; see `output_names` for those after them."""

    SIGNAL = 0
    CONFIDENCE = 1
    EDGE = 2  # expected gain of the favoured direction, as a fraction of the notional, before costs
    EDGE_ERROR = 3  # its standard error
    COST = 4  # what trading it would cost, as a fraction of the notional
    SCORE = 5  # pooled probability that the outcome is up
    REASON = 6  # Abstention
    POSTERIOR = 7  # probability of the regime
    NOISE = 8  # share of the weight that disagrees
    LEVEL = 9  # of the ladder of drift
    REQUEST = 10  # what the ladder asks for
    ALARMS = 11  # bits of the detectors that went off


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
