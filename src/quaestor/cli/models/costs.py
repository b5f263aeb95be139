"""Cost table of `quaestor models show`: bytes and times of each model."""

from collections.abc import Sequence

from rich.table import Table

from quaestor.cli.output import MISSING, format_number, make_table
from quaestor.research.training.model_costs import TOGETHER, ModelMemory, ModelTime


def cost_table(memory: Sequence[ModelMemory], times: Sequence[ModelTime]) -> Table:
    """Return a table of each model's bytes, and of its times where they were measured."""
    bytes_of = ("nodes", "bytes of tables", "bytes of state")
    taking = ("one row, p50 µs", "p99 µs", "rows a CPU-second") if times else ()
    table = make_table("Models", "model", "kind", *bytes_of, *taking, right={*bytes_of, *taking})
    taken = {each.name: _taken(each) for each in times}
    for own in memory:
        figures = (format_number(value, 0) for value in (own.nodes, own.table_bytes, own.state_bytes))
        table.add_row(own.name, own.kind, *figures, *taken.get(own.name, (MISSING,) * len(taking)))
    if times:
        table.add_row(f"{TOGETHER}, calibrated and pooled", "", "", "", "", *taken[TOGETHER])
    return table


def _taken(each: ModelTime) -> tuple[str, str, str]:
    return (
        format_number(each.row_p50_us, 2),
        format_number(each.row_p99_us, 2),
        format_number(each.rows_per_cpu_s, 0),
    )
