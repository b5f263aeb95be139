"""Risk tables: limits, breakers, refusals and permitted intervals for `quaestor risk show` and `test`."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from quaestor.analysis.counterfactual import RuleOutcome
from quaestor.analysis.officer.batch import BatchVerdict
from quaestor.analysis.officer.breakers import BreakerSet
from quaestor.analysis.officer.limit_use import NEAR, LimitUse
from quaestor.analysis.officer.order_verdict import OrderVerdict, RulePermission
from quaestor.app.ablation import AblationRun
from quaestor.cli.output import MISSING, format_number, format_percent, format_time, make_table
from quaestor.cli.risk.limits import format_limit

_CELLS = 12
#: Share of a limit from which on its bar is yellow; from `NEAR` on it is red.
_YELLOW = 0.5


def use_table(used: Sequence[LimitUse], *, several: bool) -> Table:
    """Return a table of how much of each limit is used; with a column for the symbol when there are several."""
    where = ("symbol",) if several else ()
    table = make_table(
        "Limits in use",
        "layer",
        "rule",
        *where,
        "measured",
        "limit",
        "unit",
        "used",
        "",
        right={"measured", "limit", "used"},
    )
    for use in used:
        place = (use.symbol,) if several else ()
        table.add_row(
            use.layer,
            use.rule,
            *place,
            _figure(use.measured),
            format_limit(use.limit) if use.off or not use.unit else _figure(use.limit),
            use.unit,
            format_percent(use.share, 0),
            usage_bar(use.share),
        )
    return table


def usage_bar(share: float | None) -> Text:
    """Return a bar of the share used, coloured where the terminal has colours.

    Example:
        >>> usage_bar(0.5).plain
        '██████░░░░░░'
    """
    if share is None:
        return Text("")
    filled = min(round(share * _CELLS), _CELLS)
    colour = "red" if share > NEAR else "yellow" if share > _YELLOW else "green"
    return Text("█" * filled + "░" * (_CELLS - filled), style=colour)


def breaker_table(breakers: Sequence[BreakerSet]) -> Table:
    """Return a table of the breakers that stop entries, and until when."""
    table = make_table("Breakers set: no entries", "breaker", "until", "by the clock")
    for each in breakers:
        table.add_row(each.breaker, each.until, format_time(each.lifts_ts))
    return table


def refusal_table(outcomes: Sequence[RuleOutcome], asset: str) -> Table:
    """Return a table of what refusals saved and cost."""
    numeric = ("vetoes", "shrinks", "episodes", "refused", "saved", "cost", "net", "right")
    table = make_table(
        f"What refusals saved and cost ({asset})", "symbol", "rule", "layer", *numeric, right=set(numeric)
    )
    for outcome in outcomes:
        table.add_row(
            outcome.symbol,
            outcome.rule,
            outcome.layer,
            *(format_number(count, 0) for count in (outcome.vetoes, outcome.shrinks, outcome.episodes)),
            *(format_number(money) for money in (outcome.notional, outcome.saved, outcome.cost)),
            f"{outcome.net:+,.2f}",
            format_percent(outcome.right, 0),
        )
    return table


def rerun_table(runs: Sequence[AblationRun]) -> Table:
    """Return a table of the run as it was, and without each rule."""
    numeric = ("equity", "difference", "max drawdown", "trades", "vetoes", "shrinks")
    table = make_table("The same run without a rule", "without", *numeric, right=set(numeric))
    first = runs[0].equity
    for run in runs:
        table.add_row(
            run.rule or "(as it was)",
            format_number(run.equity),
            f"{run.equity - first:+,.2f}" if run.rule else "",
            format_percent(run.max_drawdown),
            *(format_number(count, 0) for count in (run.trades, run.vetoes, run.shrinks)),
        )
    return table


def interval_table(verdict: OrderVerdict, unit: str) -> Table:
    """Return a table of every rule's interval, the tightest for this order first."""
    numeric = ("measured", "limit", "lowest", "highest", f"room to {verdict.side}")
    table = make_table(
        f"Positions that each rule permits ({unit})", "rule", "layer", *numeric, "unit", "", right=set(numeric)
    )
    for each in verdict.rules:
        binding = each.rule == verdict.rule
        table.add_row(
            each.rule,
            each.layer,
            _figure(each.measured),
            format_limit(each.limit) if each.off or not each.unit else _figure(each.limit),
            *(_bound(each, end) for end in (each.lowest, each.highest, each.room)),
            each.unit,
            "binds" if binding else "" if each.passes else "objects",
            style="bold" if binding else "",
        )
    return table


def batch_table(verdicts: Sequence[BatchVerdict]) -> Table:
    """Verdicts about several orders, in the order in which they were given."""
    numeric = ("quantity", "let through", "measured", "limit")
    table = make_table("Orders judged as one batch", "symbol", "side", *numeric, "unit", "rule", "", right=set(numeric))
    for each in verdicts:
        figures = (_figure(each.measured), _figure(each.limit)) if each.rule else (MISSING, MISSING)
        quantities = (f"{each.quantity:,.8g}", f"{each.passing:,.8g}")
        table.add_row(each.symbol, each.side, *quantities, *figures, each.unit, each.rule, each.verdict)
    return table


def _bound(each: RulePermission, end: float | None) -> str:
    return ("off" if each.off else "any") if end is None else f"{end:,.8g}"


def _figure(value: float) -> str:
    return f"{value:,.5g}" if value == value else MISSING
