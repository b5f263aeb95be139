"""Rule intervals: every rule's interval and figure for one target, side by side.

The gate (`risk.gate`) computes their intersection only; reports show them one by one.
"""

from quaestor.jit.fuse import fuse
from quaestor.jit.tables import Field, table
from quaestor.ledger.rows import NO_LIMIT
from quaestor.risk.asking import IMPORTS, call, limit, where_on
from quaestor.risk.catalog import RULES

INTERVAL_TABLE = table(
    "interval",
    "One rule's answer about one target.",
    Field("lowest", "i8", "lots", "signed; -NO_LIMIT where the rule has no bound"),
    Field("highest", "i8", "lots", "signed; NO_LIMIT where the rule has no bound"),
    Field("measured", "f8", "the rule's", "its figure for the target"),
    Field("limit", "f8", "the rule's"),
)
INTERVAL = INTERVAL_TABLE.dtype

_FIELDS = ", ".join(f'row["{name}"]' for name in INTERVAL.names or ())


def _source() -> str:
    rows = "\n".join(
        f"    row = permissions[{number}]\n"
        f"    {_FIELDS} = -{NO_LIMIT}, {NO_LIMIT}, 0.0, {limit(rule) if rule.switch else 0.0}\n"
        + where_on(rule, f"{_FIELDS} = {call(rule, 'target')}")
        for number, rule in enumerate(RULES)
    )
    return f'''"""Generated from the catalog of risk rules."""

from quaestor.jit.compile import kernel
{IMPORTS}


@kernel
def intervals(account, books, index, instrument, params, ticks, target, permissions):
{rows}
'''


#: ``intervals(account, books, index, instrument, params, ticks, target, permissions)``: writes a row of dtype INTERVAL
#: for each rule of the catalog; `measured` is the rule's figure for holding `target` lots, 0 where the rule is off.
intervals = fuse("risk_intervals", _source()).intervals
