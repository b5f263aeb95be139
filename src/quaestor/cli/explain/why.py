"""`quaestor why`: explain one decision of a journal, taken or not taken."""

from dataclasses import asdict
from math import isnan
from pathlib import Path
from typing import Annotated

import typer

from quaestor.app.explain import explain_decision, newest_journal
from quaestor.cli.explain.opinion_tables import (
    add_opinion,
    contribution_table,
    lime_fit_text,
    lime_table,
    vote_table,
)
from quaestor.cli.output import MISSING, console, format_number, format_time, make_table, print_json
from quaestor.cli.run.options import AsJson
from quaestor.explain.explanation import Explanation
from quaestor.explain.opinion import TrainedOpinion


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
        bool, typer.Option("--lime", help="Also lines fitted to the trained models around the decision (LIME).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Explain one decision from its inputs to its fills, as a sentence and as tables."""
    directory = journal if journal is not None else newest_journal(Path())
    report = explain_decision(directory, identifier, data=data, lime=lime, png=png)
    explanation = report.explanation
    if as_json:
        print_json({**asdict(explanation), "sentence": report.text, "lime": report.lime})
        return
    console.print(report.text)
    _print_chain(explanation)
    if explanation.opinion is not None:
        _print_opinion(explanation.opinion)
    if report.lime is not None:
        console.print(lime_table(report.lime))
        console.print(lime_fit_text(report.lime), markup=False)
    if explanation.orders:
        _print_orders(explanation)


def _print_chain(explanation: Explanation) -> None:
    table = make_table(
        f"Decision {explanation.decision} at {format_time(explanation.ts)}", "stage", "what", "value", right={"value"}
    )
    table.add_row("market", "close", format_number(explanation.close, 8))
    if explanation.opinion is None:  # a trained model reads many: the largest contributions have their own table
        for name, value in explanation.features.items():
            table.add_row("features", name, format_number(value, 6))
    table.add_row("brain", "regime", explanation.regime)
    if explanation.opinion is not None:
        add_opinion(table, explanation.opinion, explanation.confidence)
    else:
        for name, value in list(explanation.outputs.items())[2:]:
            table.add_row("brain", name, format_number(value, 4))
    table.add_row("brain", f"signal of {explanation.strategy}", format_number(explanation.signal, 4))
    table.add_row("brain", "confidence", format_number(explanation.confidence, 4))
    table.add_row(
        "policy", "held → target", f"{explanation.position:.8g} → {explanation.target:.8g} {explanation.base}"
    )
    table.add_row("risk officer", "verdict", f"{explanation.verdict} {explanation.rule}".strip())
    if explanation.unit:
        figures = " / ".join(
            MISSING if isnan(value) else f"{value:,.6g}" for value in (explanation.measured, explanation.limit)
        )
        table.add_row("risk officer", f"measured / limit {explanation.unit}", figures)
    if explanation.breakers:
        table.add_row("risk officer", "breakers set", ", ".join(explanation.breakers))
    table.add_row("risk officer", "approved target", f"{explanation.approved_target:.8g} {explanation.base}")
    table.add_row("ledger", "equity", f"{format_number(explanation.equity)} {explanation.quote}")
    console.print(table)


def _print_opinion(opinion: TrainedOpinion) -> None:
    console.print(vote_table(opinion))
    parts = contribution_table(opinion)
    if parts is not None:
        console.print(parts)
    if opinion.unexplained:
        console.print(f"No contributions of features: {opinion.unexplained}", markup=False)


def _print_orders(explanation: Explanation) -> None:
    numeric = {"quantity", "price", "fee"}
    steps = make_table(
        "Orders", "time", "order", "action", "purpose", "side", *sorted(numeric), "reason", right=numeric
    )
    for step in explanation.orders:
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
