"""Reevaluation of a trained model at other inputs, by the same models, weights and rules; nothing is learned."""

import numpy as np

from quaestor.brain.ensemble.pool import pool
from quaestor.brain.online.linear import learner_dtype
from quaestor.brain.trained.outputs import Output, probability_row, weight_row
from quaestor.brain.trained.stage import take_inputs, take_votes
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table, record


def reevaluation_dtype(features: int, models: int, learners: int) -> np.dtype[np.void]:
    """Return the layout of the part of a state (see `layout.state_dtype`) that predictions depend on; one element.

    `learners` are to be filled in; the rest is scratch space.
    """
    return record(
        [
            ("x", "f8", (features,)),
            ("unit", "f8", (features,)),
            ("votes", "f8", (models,)),
            ("weights", "f8", (models,)),
            ("learners", learner_dtype(features), (learners,)),
        ]
    )


@kernel
def reevaluate_rows(
    workspace: Table, trained_table: Table, models: Table, nodes: Table, opinion: Matrix, i: int, n: int
) -> None:
    """Write votes, pooled probability and noise of the scaled inputs in rows i … n−1 of `opinion`.

    With the inputs of a decision these are its own figures; weights and the rules' signals are read from the row. NaN
    where an input is missing.

    Args:
        workspace: of `reevaluation_dtype`.
        trained_table, models, nodes: of the artefact.
        opinion: float64 (outputs, N), see `outputs.output_names`; read and written.
        i: first row.
        n: row after the last.
    """
    s, trained = workspace[0], trained_table[0]
    weights = s["weights"]
    for k in range(i, n):
        if not take_inputs(s, opinion, len(models), k):
            opinion[Output.SCORE, k] = np.nan
            opinion[Output.NOISE, k] = np.nan
            for j in range(len(models)):
                opinion[probability_row(j), k] = np.nan
            continue
        for j in range(len(models)):
            weights[j] = opinion[weight_row(j), k]
        take_votes(s, trained, models, nodes, opinion, k)
        opinion[Output.SCORE, k], opinion[Output.NOISE, k] = pool(s["votes"], weights)
