"""Online stage for tests: every part of `brain.online` in one compiled call a row.

Each row first settles outcomes, then learns from them, and only then predicts.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.online.drift.adwin import ADWIN_PARAMS, adwin_dtype, pack_adwin, update_adwin
from quaestor.brain.online.drift.cusum import CUSUM, CUSUM_PARAMS, pack_cusum, update_cusum
from quaestor.brain.online.drift.page_hinkley import (
    PAGE_HINKLEY,
    PAGE_HINKLEY_PARAMS,
    pack_page_hinkley,
    update_page_hinkley,
)
from quaestor.brain.online.drift_response import (
    DRIFT_RESPONSE,
    DRIFT_RESPONSE_PARAMS,
    ERROR,
    INPUTS,
    PREDICTIONS,
    PROFIT,
    escalate,
    pack_drift_response,
)
from quaestor.brain.online.linear import LEARNER_PARAMS, LearnerSettings, Method, learn, learner_dtype, predict
from quaestor.brain.online.model_score import MODEL_SCORE, MODEL_SCORE_PARAMS, pack_model_score, score
from quaestor.brain.online.outcomes import BARRIER, observe, outcomes_dtype, remember
from quaestor.domain.market_matrix import Column
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table, record

FEATURES = 4
HORIZON = 12
MODELS = 2
STAGE_STATE = record(
    [
        ("outcomes", outcomes_dtype(HORIZON, FEATURES, MODELS), (1,)),
        ("learners", learner_dtype(FEATURES), (MODELS,)),
        ("model_scores", MODEL_SCORE, (MODELS,)),
        ("inputs", adwin_dtype(), (1,)),
        ("predictions", adwin_dtype(), (1,)),
        ("error", CUSUM, (1,)),
        ("profit", PAGE_HINKLEY, (1,)),
        ("drift_response", DRIFT_RESPONSE, (1,)),
        ("votes", "f8", (MODELS,)),
        ("x", "f8", (FEATURES,)),
    ]
)
PARAMS = record(
    [
        ("barrier", BARRIER, (1,)),
        ("learners", LEARNER_PARAMS, (MODELS,)),
        ("model_score", MODEL_SCORE_PARAMS, (1,)),
        ("adwin", ADWIN_PARAMS, (1,)),
        ("cusum", CUSUM_PARAMS, (1,)),
        ("page_hinkley", PAGE_HINKLEY_PARAMS, (1,)),
        ("drift_response", DRIFT_RESPONSE_PARAMS, (1,)),
    ]
)


def make_params(rate: float = 0.5) -> Table:
    """Parameters of the stage; `rate`: of the gradient learner."""
    params = np.zeros(1, PARAMS)
    params["barrier"] = np.array([(1.0, 1.0, HORIZON, 0.0)], BARRIER)
    params["learners"][0, 0] = LearnerSettings(rate=rate).pack()[0]
    params["learners"][0, 1] = LearnerSettings(Method.PASSIVE_AGGRESSIVE).pack()[0]
    params["model_score"] = pack_model_score(200.0)
    params["adwin"] = pack_adwin()
    params["cusum"] = pack_cusum(rising=True)
    params["page_hinkley"] = pack_page_hinkley(threshold=0.2)
    params["drift_response"] = pack_drift_response()
    return params


@kernel
def walk(
    state: Table,
    params: Table,
    columns: Matrix,
    features: Matrix,
    widths: NDArray[np.float64],
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Process rows i … n−1; `out`: float64 (MODELS, N), written, each model's probability of up at each row."""
    s, p = state[0], params[0]
    outcomes, votes, x, pending = s["outcomes"][0], s["votes"], s["x"], s["outcomes"][0]["pending"]
    for k in range(i, n):
        settled = observe(outcomes, p["barrier"][0], columns, k)
        alarms = 0
        for j in range(settled):
            opinion = pending[outcomes["slots"][j]]
            up = opinion["up"] == 1
            error = (1.0 if up else 0.0) - opinion["pooled"]
            if update_cusum(s["error"][0], p["cusum"][0], error * error):
                alarms |= ERROR
            if update_page_hinkley(s["profit"][0], p["page_hinkley"][0], opinion["decided"] * opinion["change"]):
                alarms |= PROFIT
            for m in range(MODELS):
                score(s["model_scores"][m], p["model_score"][0], opinion["votes"][m], up)
                learn(s["learners"][m], p["learners"][m], opinion["x"], up)
        pooled = 0.0
        for f in range(FEATURES):
            x[f] = features[f, k]
        for m in range(MODELS):
            votes[m] = predict(s["learners"][m], x)
            out[m, k] = votes[m]
            pooled += votes[m] / MODELS
        if update_adwin(s["inputs"][0], p["adwin"][0], x[0]):
            alarms |= INPUTS
        if update_adwin(s["predictions"][0], p["adwin"][0], pooled):
            alarms |= PREDICTIONS
        escalate(s["drift_response"][0], p["drift_response"][0], alarms, settled)
        remember(outcomes, x, votes, pooled, 1 if pooled > 0.5 else -1, 0.001, widths[k])


def inputs_of(columns: Matrix) -> tuple[Matrix, NDArray[np.float64]]:
    """Features (FEATURES, n) and barrier widths (n,) of bars: changes over 1, 3, 6 and 12 rows in deviations."""
    close = columns[Column.CLOSE]
    steps = np.diff(np.log(close), prepend=np.log(close[0]))
    volatility = np.sqrt(np.convolve(steps**2, np.ones(24) / 24.0)[: len(close)])
    volatility[:24] = np.nan  # no opinions are kept there
    features = np.zeros((FEATURES, len(close)))
    for f, length in enumerate((1, 3, 6, 12)):
        features[f, length:] = np.log(close[length:] / close[:-length])
        scale = volatility * np.sqrt(length)
        features[f] = np.divide(features[f], scale, out=np.zeros_like(scale), where=scale > 0.0)
    features = np.clip(features, -5.0, 5.0)
    return features.astype(np.float32).astype(np.float64), volatility * np.sqrt(HORIZON)
