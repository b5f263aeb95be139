"""`quaestor why`: explain one decision of a journal, taken or not taken."""

from dataclasses import asdict
from math import isnan
from pathlib import Path
from typing import Annotated

import typer

from quaestor.adapters.optional import load_extra
from quaestor.cli.explain.opinion_tables import add_opinion, how_straight, line_table, part_table, vote_table
from quaestor.cli.output import MISSING, console, format_number, format_time, make_table, print_json
from quaestor.cli.run.options import AsJson
from quaestor.errors import JournalError
from quaestor.explain.case import open_case
from quaestor.explain.decision_context import decision_context
from quaestor.explain.explain import explain
from quaestor.explain.explanation import Explanation
from quaestor.explain.explanation_text import explanation_text
from quaestor.explain.lime_explanation import lime_explanation
from quaestor.explain.opinion import LearnedOpinion


def why(
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="Decision number, trade:K, order:ID or a time.", show_default=False)
    ],
    journal: Annotated[
        Path | None, typer.Option("--journal", help="Journal directory; the newest under here if absent.")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Where the data file lies now, if it was moved.")] = None,
    png: Annotated[Path | None, typer.Option("--png", metavar="FILE", help="Draw it into a PNG file too.")] = None,
    lime: Annotated[
        bool, typer.Option("--lime", help="Also what a trained model would have said of inputs a little different.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the chain from inputs to fills of one decision, as a sentence and as tables."""
    if png is not None:
        load_extra("matplotlib.figure", place="--png", extra="report")
    case = open_case(journal if journal is not None else newest_journal(Path()), identifier, data)
    explanation = explain(case)
    around = lime_explanation(case) if lime else None
    if png is not None:
        from quaestor.explain.decision_chart import write_chart

        write_chart(explanation, decision_context(case), png)
    if as_json:
        print_json({**asdict(explanation), "sentence": explanation_text(explanation), "lime": around})
        return
    console.print(explanation_text(explanation))
    _print_chain(explanation)
    if explanation.opinion is not None:
        _print_opinion(explanation.opinion)
    if around is not None:
        console.print(line_table(around))
        console.print(how_straight(around), markup=False)
    if explanation.orders:
        _print_orders(explanation)


def newest_journal(root: Path) -> Path:
    """The journal directory that was written to last, at most four levels down.

    Raises:
        JournalError: there is none.
    """
    found = [
        path for depth in range(5) for path in root.glob("/".join(["*"] * depth + ["segment-*.qj"])) if path.is_file()
    ]
    if not found:
        raise JournalError("no journal here", place=str(root.resolve()), remedy="give --journal DIR")
    return max(found, key=lambda path: path.stat().st_mtime_ns).parent


def _print_chain(it: Explanation) -> None:
    table = make_table(f"Decision {it.decision} at {format_time(it.ts)}", "stage", "what", "value", right={"value"})
    table.add_row("market", "close", format_number(it.close, 8))
    if it.opinion is None:  # a trained model has many: those that told are in a table of their own
        for name, value in it.features.items():
            table.add_row("features", name, format_number(value, 6))
    table.add_row("brain", "regime", it.regime)
    if it.opinion is not None:
        add_opinion(table, it.opinion, it.confidence)
    else:
        for name, value in list(it.said.items())[2:]:
            table.add_row("brain", name, format_number(value, 4))
    table.add_row("brain", f"signal of {it.strategy}", format_number(it.signal, 4))
    table.add_row("brain", "confidence", format_number(it.confidence, 4))
    table.add_row("policy", "held → target", f"{it.position:.8g} → {it.target:.8g} {it.base}")
    table.add_row("risk officer", "verdict", f"{it.verdict} {it.rule}".strip())
    if it.unit:
        figures = " / ".join(MISSING if isnan(value) else f"{value:,.6g}" for value in (it.measured, it.limit))
        table.add_row("risk officer", f"measured / limit {it.unit}", figures)
    if it.breakers:
        table.add_row("risk officer", "breakers set", ", ".join(it.breakers))
    table.add_row("risk officer", "approved_target", f"{it.approved_target:.8g} {it.base}")
    table.add_row("ledger", "equity", f"{format_number(it.equity)} {it.quote}")
    console.print(table)


def _print_opinion(it: LearnedOpinion) -> None:
    console.print(vote_table(it))
    parts = part_table(it)
    if parts is not None:
        console.print(parts)
    if it.unexplained:
        console.print(f"No contributions of features: {it.unexplained}", markup=False)


def _print_orders(it: Explanation) -> None:
    numeric = {"quantity", "price", "fee"}
    steps = make_table(
        "Orders", "time", "order", "action", "purpose", "side", *sorted(numeric), "reason", right=numeric
    )
    for step in it.orders:
        steps.add_row(
            format_time(step.ts),
            str(step.order_id),
            step.action,
            step.purpose,
            f"{step.side} {step.type}",
            format_number(step.fee, 6),
            format_number(step.price, 8),
            format_number(step.quantity, 8),
            step.reason,
        )
    console.print(steps)
