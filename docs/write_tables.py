"""Write the tables of docs/reference/tables.md from the declarations of rows; everything above the marker is kept.

Run from anywhere: ``python docs/write_tables.py``.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from quaestor.brain.policy.target import POLICY_PARAMS_TABLE, POLICY_STATE_TABLE
from quaestor.brain.trained.outputs import Output
from quaestor.engine.state import ACCOUNT_TABLE, BOOK_TABLE, PARAMS_TABLE
from quaestor.execution.planner import EXECUTION_PARAMS_TABLE
from quaestor.jit.tables import Field, TableLayout
from quaestor.ledger.ledger import LEDGER_TABLE, POSITION_TABLE
from quaestor.ledger.order_table import ORDER_STATE_TABLE
from quaestor.ledger.rows import (
    DECISION_TABLE,
    EVENT_TABLE,
    INSTRUMENT_TABLE,
    ORDER_EVENT_TABLE,
    ORDER_TABLE,
    TRADE_TABLE,
)
from quaestor.matching.costs import COSTS_TABLE
from quaestor.matching.fill import MATCHING_STATE_TABLE
from quaestor.risk.exits.stops import EXIT_STATE_TABLE
from quaestor.risk.intervals import INTERVAL_TABLE
from quaestor.risk.state import RISK_ACCOUNT_TABLE, RISK_BOOK_TABLE, VERDICT_TABLE
from quaestor.runtime.journal.recorder import INBOUND_TABLE

PAGE = Path(__file__).resolve().parent / "reference" / "tables.md"
MARKER = "<!-- from here on written by docs/write_tables.py -->"
_GROUPS: tuple[tuple[str, tuple[TableLayout, ...]], ...] = (
    ("Rows that cross a seam", (EVENT_TABLE, DECISION_TABLE, ORDER_TABLE, ORDER_EVENT_TABLE, TRADE_TABLE)),
    ("What the risk officer answers", (VERDICT_TABLE, INTERVAL_TABLE)),
    ("What comes from outside", (INSTRUMENT_TABLE, INBOUND_TABLE)),
    (
        "State of the trading loop",
        (
            ACCOUNT_TABLE,
            LEDGER_TABLE,
            ORDER_STATE_TABLE,
            RISK_ACCOUNT_TABLE,
            BOOK_TABLE,
            POSITION_TABLE,
            MATCHING_STATE_TABLE,
            POLICY_STATE_TABLE,
            EXIT_STATE_TABLE,
            RISK_BOOK_TABLE,
        ),
    ),
    (
        "Parameters of the trading loop",
        (PARAMS_TABLE, POLICY_PARAMS_TABLE, COSTS_TABLE, EXECUTION_PARAMS_TABLE),
    ),
)


def page(text: str) -> str:
    """The page with fresh tables."""
    head = text.partition(MARKER)[0]
    return "\n".join([f"{head}{MARKER}", *_lines(), ""])


def _lines() -> Iterator[str]:
    for title, tables in _GROUPS:
        yield f"\n## {title}"
        for table in tables:
            yield f"\n### {table.name.capitalize()}\n"
            yield f"{table.meaning} {table.dtype.itemsize} bytes.\n"
            yield "| field | type | unit | |"
            yield "|---|---|---|---|"
            yield from (_row(f"`{field.name}`", _kind(field), field.unit, field.meaning) for field in table.fields)
    yield from _opinion()


def _opinion() -> Iterator[str]:
    yield "\n## Opinion\n"
    yield "What a trained model writes for every bar: float64, one row of the matrix each.\n"
    yield "| row | name | |"
    yield "|---|---|---|"
    yield from (_row(str(int(output)), f"`{output.name.lower()}`", output.meaning) for output in Output)
    yield _row("then, of each model", "`MODEL.probability`", "calibrated, that the outcome is up; NaN for none")
    yield _row("", "`MODEL.weight`", "its share of the pool")
    yield _row("then, of each feature", "`scaled.FEATURE`", "as the models see it")
    yield _row("then, of each classical strategy", "`STRATEGY.signal`", "direction × strength, in [-1, 1]")
    yield _row("", "`STRATEGY.confidence`", "in [0, 1]")


def _kind(field: Field) -> str:
    kind = field.kind
    if isinstance(kind, TableLayout):
        return f"[{kind.name}](#{kind.name.replace(' ', '-')})"
    shape = "".join(f" × {length}" for length in field.shape if length > 1)
    return ("record" if isinstance(kind, np.dtype) else f"`{kind}`") + shape


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
