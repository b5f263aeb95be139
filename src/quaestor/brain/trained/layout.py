"""Layout of a trained model: tables of what was trained, and the state of what is learned while trading."""

import numpy as np

from quaestor.brain.ensemble.confidence import CONFIDENCE
from quaestor.brain.ensemble.costs import COSTS
from quaestor.brain.ensemble.curve import CURVE
from quaestor.brain.ensemble.signal_filter import FILTER, FRAMES
from quaestor.brain.online.drift.adwin import ADWIN_PARAMS, adwin_dtype
from quaestor.brain.online.drift.cusum import CUSUM, CUSUM_PARAMS
from quaestor.brain.online.drift.page_hinkley import PAGE_HINKLEY, PAGE_HINKLEY_PARAMS
from quaestor.brain.online.drift_response import DRIFT_RESPONSE, DRIFT_RESPONSE_PARAMS
from quaestor.brain.online.linear import LEARNER_PARAMS, learner_dtype
from quaestor.brain.online.model_score import MODEL_SCORE, MODEL_SCORE_PARAMS
from quaestor.brain.online.outcomes import BARRIER, outcomes_dtype
from quaestor.jit.tables import record
from quaestor.ledger.codes import Regime

#: Rows of an ADWIN window of block means: five times two to the twelfth blocks.
_ADWIN_ROWS = 12
_ADWIN = adwin_dtype(_ADWIN_ROWS)


#: Means over one horizon out of fold: log loss of the pooled forecast, and the profit of following it, in widths;
#: deviations of 0: not known.
EXPECTED = record([("loss", "f8"), ("loss_deviation", "f8"), ("profit_deviation", "f8")])


def trained_dtype(models: int) -> np.dtype[np.void]:
    """Return the layout of what training derives from out-of-fold predictions of `models` models; one element.

    `curves` map raw predictions to probabilities; `base` are weights by model and regime; `edge` is the expected gain
    of a long position, as a multiple of the expected width of the move, by pooled probability; `expected` is the
    baseline of drift.
    """
    return record(
        [
            ("barrier", BARRIER),
            ("edge", CURVE),
            ("curves", CURVE, (models,)),
            ("base", "f8", (models, len(Regime))),
            ("expected", EXPECTED),
        ]
    )


#: Trading settings of the model: chosen before a run, not trained. One element.
TRADING = record(
    [
        ("costs", COSTS),
        ("filter", FILTER),
        ("both", "i8"),  # 1: short positions too
        ("sharpness", "f8"),  # of weights by recent loss, see `pool.live_factor`
        ("outcomes_min", "i8"),  # outcomes of a model before its recent loss counts
        ("model_score", MODEL_SCORE_PARAMS),
        ("inputs", PAGE_HINKLEY_PARAMS),
        ("predictions", ADWIN_PARAMS),
        ("errors", ADWIN_PARAMS),
        ("loss", CUSUM_PARAMS),
        ("profit", CUSUM_PARAMS),
        ("drift_response", DRIFT_RESPONSE_PARAMS),
        ("learners", LEARNER_PARAMS, (2,)),
    ]
)

#: Means over one horizon of opinions, so that outcomes that overlap do not count as many.
BLOCK = record(
    [
        ("count", "i8"),  # opinions, and the sum of their probabilities
        ("score", "f8"),
        ("inputs", "f8"),  # and of the mean squares of their inputs
        ("settled", "i8"),  # outcomes, and sums of their errors and losses
        ("error", "f8"),
        ("loss", "f8"),
        ("decided", "i8"),  # outcomes of decisions, and the sum of their profits
        ("profit", "f8"),
    ]
)


def state_dtype(features: int, models: int, learners: int, horizon: int) -> np.dtype[np.void]:
    """Return the layout of a trained model's state; zero bytes are fresh."""
    return record(
        [
            ("begun", "i8"),
            ("position", "i8"),  # side of the signal
            ("left", "i8"),  # bars until its horizon is reached
            ("reason", "i8"),  # Abstention of the last row
            ("strength", "f8"),  # of that signal, set when it was decided
            ("funding_rate", "f8"),  # settled last
            ("last_close", "f8"),
            ("x", "f8", (features,)),  # scaled inputs of the row, rounded to float32
            ("unit", "f8", (features,)),  # the same, of length 1: inputs of online models
            ("votes", "f8", (models,)),
            ("weights", "f8", (models,)),
            ("frames", "f8", (len(FRAMES),)),
            ("confidence", CONFIDENCE),
            ("block", BLOCK),
            ("inputs", PAGE_HINKLEY),
            ("predictions", _ADWIN),
            ("errors", _ADWIN),
            ("loss", CUSUM),
            ("profit", CUSUM),
            ("drift_response", DRIFT_RESPONSE),
            ("learners", learner_dtype(features), (learners,)),
            ("outcomes", outcomes_dtype(horizon, features, models)),
            ("model_scores", MODEL_SCORE, (models,)),
            ("pooled", MODEL_SCORE),  # of the ensemble
        ]
    )
