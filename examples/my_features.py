"""Two features of one's own: a function of the last rows, and a kernel that remembers more than a window.

python examples/my_features.py
quaestor features check --feature-path examples/my_features.py
quaestor features compute --feature-path examples/my_features.py -f buying_pressure_10,decayed_range_0.1 …
"""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real, always
from quaestor.features.define import feature
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel


@feature(Integer("length", 10, 1, 500, "bars"), units="ratio", source="an example")
def buying_pressure(high, low, close):
    """Σ(close − low) / Σ(high − low) over `length` bars: how near their highs bars close; in [0, 1]; or ½."""
    spread = (high - low).sum()
    return (close - low).sum() / spread if spread > 0.0 else 0.5


# The same form as the features that ship: rows i … n−1, what is needed of the past in `state`.
@kernel
def advance_decayed_range(state, params, columns, out, i, n):
    """Mean of high − low that forgets a share of the past at every bar."""
    s = state[0]
    weight = params[0]["weight"]
    for k in range(i, n):
        spread = columns[Column.HIGH, k] - columns[Column.LOW, k]
        out[0, k] = np.nan
        if spread - spread != 0.0:  # a missing row is skipped
            continue
        s["mean"] = spread if s["count"] == 0 else s["mean"] + weight * (spread - s["mean"])
        s["count"] = 1
        out[0, k] = s["mean"]


DECAYED_RANGE = Feature(
    name="decayed_range",
    family="user",
    doc="mean + weight · (high − low − mean), from the first bar's range on.",
    units="quote",
    source="an example",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("decayed_range",),
    parameters=(Real("weight", 0.1, 0.001, 1.0, "share of the newest bar"),),
    advance=advance_decayed_range,
    state_dtype=always(np.dtype([("count", "<i8"), ("mean", "<f8")], align=True)),
    warmup=always(0),
)


if __name__ == "__main__":
    from quaestor.features.catalog import CATALOG
    from quaestor.features.check import check_feature
    from quaestor.features.plan import compute, make_plan
    from quaestor.features.trial import random_columns

    for each in (buying_pressure, DECAYED_RANGE):
        report = check_feature(each)
        print(f"{each.name}: {'compiled' if report.compiled else 'interpreted'}, usable: {report.passed}")
    plan = make_plan(
        ["buying_pressure_10", "decayed_range", "atr_14"], catalog=(*CATALOG, buying_pressure, DECAYED_RANGE)
    )
    values = compute(plan, random_columns(200))
    print(dict(zip(plan.names, values[:, -1].round(4).tolist(), strict=False)))
