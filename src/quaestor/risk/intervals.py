"""Every rule's answer side by side: which one binds, and which comes next.

The gate (`risk.gate`) asks for the intersection only; this is for who wants to see what it is made of.
"""

import numpy as np

from quaestor.kernels.fuse import fuse
from quaestor.risk.catalog import RULES

#: One rule's answer about one target; lots are signed, ±NO_LIMIT where the rule has no bound.
INTERVAL = np.dtype([("lowest", "i8"), ("highest", "i8"), ("measured", "f8"), ("limit", "f8")], align=True)


def _source() -> str:
    imports = "\n".join(f"from {rule.permit.__module__} import permit as permit_{rule.name}" for rule in RULES)
    rows = "\n".join(
        f"""    row = answers[{number}]
    row["lowest"], row["highest"], row["measured"], row["limit"] = permit_{rule.name}(
        account, books, index, instrument, params[{rule.name!r}], ticks, wanted
    )"""
        for number, rule in enumerate(RULES)
    )
    return f'''"""Generated from the catalog of risk rules."""

from quaestor.kernels.compile import kernel
{imports}


@kernel
def intervals(account, books, index, instrument, params, ticks, wanted, answers):
{rows}
'''


#: ``intervals(account, books, index, instrument, params, ticks, wanted, answers)``: writes a row of dtype INTERVAL for
#: each rule of the catalog; `measured` is the rule's figure for holding `wanted` lots.
intervals = fuse("risk_intervals", _source()).intervals
