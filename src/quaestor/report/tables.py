"""Run tables: figures and sentences of a run report as HTML. Everything that comes from a file is escaped."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape

from quaestor.domain.wording import counted
from quaestor.report.load import SavedRun

#: Rows of the trade table; the rest stays in trades.parquet.
SHOWN_TRADES_MAX = 300
MISSING = "–"

_COMPARED: tuple[tuple[str, str, str], ...] = (
    ("return", "total_return", "percent"),
    ("max drawdown", "max_drawdown", "percent"),
    ("Sharpe", "sharpe", "ratio"),
    ("Sortino", "sortino", "ratio"),
    ("trades", "trades", "count"),
    ("win rate", "win_rate", "percent"),
    ("profit factor", "profit_factor", "ratio"),
    ("fees", "fees", "money"),
    ("funding", "funding", "money"),
    ("vetoes", "vetoes", "count"),
    ("shrinks", "shrinks", "count"),
    ("liquidations", "liquidations", "count"),
)
_DIGITS = {"percent": 2, "ratio": 2, "count": 0, "money": 2}


def number(value: float | None, kind: str) -> str:
    """Return a figure in the form of its kind; a dash when the run could not measure it.

    Example:
        >>> number(-0.0523, "percent"), number(None, "ratio")
        ('-5.23 %', '–')
    """
    if value is None:
        return MISSING
    scaled = 100.0 * value if kind == "percent" else value
    return f"{scaled:,.{_DIGITS[kind]}f}" + (" %" if kind == "percent" else "")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, text_columns: int = 1) -> str:
    """Return an HTML table whose first `text_columns` columns are text and the rest numbers; cells are HTML already."""
    kinds = [""] * text_columns + [" class=n"] * (len(headings) - text_columns)
    head = "".join(f"<th{kind}>{escape(text)}</th>" for kind, text in zip(kinds, headings, strict=True))
    lines = ("".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row, strict=True)) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def overview(runs: Sequence[SavedRun]) -> str:
    """Return a table of every run side by side, with holding."""
    headings = ["run", *(label for label, _, _ in _COMPARED[:1]), "holding", *(label for label, _, _ in _COMPARED[1:])]
    rows = []
    for position, run in enumerate(runs):
        figures = [_signed(run, key, kind) for _, key, kind in _COMPARED]
        hold = number(run.hold_return, "percent")
        link = f'<a href="#run-{position}">{escape(run.name)}</a>'
        rows.append([link, figures[0], hold, *figures[1:]])
    return table(headings, rows)


def verdict_sentence(run: SavedRun) -> str:
    """Return the result of the run as one sentence."""
    total = run.number("total_return") or 0.0
    moved = "gained" if total > 0 else "lost" if total < 0 else "neither gained nor lost"
    amount = f" {number(abs(total), 'percent')}" if total else ""
    text = f"{run.name} {moved}{amount} after the costs of the simulation, falling at worst "
    text += f"{number(run.number('max_drawdown'), 'percent')} from a peak."
    hold = run.hold_return
    if hold is not None:
        better = "better" if hold > total else "worse"
        kept = "would have gained" if hold >= 0 else "would have lost"
        text += (
            f" Holding {run.held_instead} instead {kept} {number(abs(hold), 'percent')} before costs, {better} than "
            "this run."
        )
    if not run.number("trades"):
        text += " It made no trade, so its figures are no evidence either way."
    return escape(text)


def caveats(runs: Sequence[SavedRun]) -> str:
    """Return what the figures do not show, as list items."""
    notes = [
        "Simulated on recorded bars. Costs are those of the settings, not of a live venue.",
        "One period of history is one sample: it does not predict the next.",
    ]
    if len(runs) > 1:
        notes.append(
            f"{len(runs)} runs are compared here; the best of several looks better than it is, because it was chosen."
        )
    return "".join(f"<li>{escape(note)}</li>" for note in notes)


def costs(run: SavedRun) -> str:
    """Return a table of fees and funding."""
    trades = run.number("trades") or 0.0
    start = run.number("equity_initial") or 1.0
    rows = []
    for label, key in (("fees", "fees"), ("funding (positive: paid)", "funding")):
        amount = run.number(key)
        each = amount / trades if amount is not None and trades else None
        share = amount / start if amount is not None else None
        rows.append([label, number(amount, "money"), number(share, "percent"), number(each, "money")])
    return table(["cost", "amount", "of the starting equity", "a trade"], rows)


def verdicts(run: SavedRun) -> str:
    """Return a table of the officer's verdicts, rule by rule."""
    if run.verdicts.is_empty():
        return "<p class=quiet>The risk officer objected to nothing.</p>"
    rows = [
        [*(escape(str(cell)) for cell in (rule, layer, verdict)), number(float(count), "count"), escape(str(example))]
        for rule, layer, verdict, count, example in run.verdicts.sort("count", descending=True).iter_rows()
    ]
    note = "<p class=quiet>Ask about a decision by its number: <code>quaestor why --journal DIR NUMBER</code></p>"
    return table(["rule", "layer", "verdict", "times", "for example decision"], rows, text_columns=3) + note


_REFUSED: tuple[tuple[str, str, str], ...] = (
    ("vetoes", "vetoes", "count"),
    ("shrinks", "shrinks", "count"),
    ("episodes", "episodes", "count"),
    ("refused", "notional", "money"),
    ("saved", "saved", "money"),
    ("cost", "cost", "money"),
    ("net", "net", "money"),
    ("right", "right", "percent"),
)


def refusals(run: SavedRun) -> str:
    """Return a table of what the officer's refusals saved and cost, each followed to its end."""
    rows = [
        [
            *(escape(str(row.get(key, ""))) for key in ("symbol", "rule", "layer")),
            *(_figure(row.get(key), kind) for _, key, kind in _REFUSED),
        ]
        for row in run.rows("refusals")
    ]
    if not rows:
        return ""
    note = (
        "Each episode is one entry that was targeted and refused, wholly or partly, followed with the run's costs and "
        "exits until it was no longer targeted. Right are those that avoided a loss. The sums are of each refusal by "
        "itself: they are not what the run would have made without a rule."
    )
    headings = ["symbol", "rule", "layer", *(label for label, _, _ in _REFUSED)]
    figures = table(headings, rows, text_columns=3)
    return f"<h4>What refusals saved and cost</h4>{figures}<p class=quiet>{escape(note)}</p>"


_BY_SYMBOL: tuple[tuple[str, str, str], ...] = (
    ("profit", "pnl", "money"),
    ("holding", "buy_and_hold_return", "percent"),
    ("trades", "trades", "count"),
    ("win rate", "win_rate", "percent"),
    ("profit factor", "profit_factor", "ratio"),
    ("time in the market", "exposure", "percent"),
    ("fees", "fees", "money"),
    ("funding", "funding", "money"),
    ("vetoes", "vetoes", "count"),
    ("shrinks", "shrinks", "count"),
)


def symbols(run: SavedRun) -> str:
    """Return a table of each symbol of an account; empty for one alone."""
    rows = run.rows("symbols")
    if len(rows) < 2:
        return ""
    return "<h3>Symbol by symbol</h3>" + _from_summary("symbol", rows, _BY_SYMBOL)


_BY_SLEEVE: tuple[tuple[str, str, str], ...] = (
    ("share", "share", "percent"),
    ("profit", "pnl", "money"),
    ("fees", "fees", "money"),
    ("funding", "funding", "money"),
)
_OPEN: tuple[tuple[str, str, str], ...] = (
    ("worth", "notional", "money"),
    ("profit", "profit", "money"),
    ("margin", "margin", "money"),
    ("liquidation at", "liquidation_price", "ratio"),
    ("away", "liquidation_distance", "percent"),
    ("loss at stops", "loss_at_stops", "money"),
)


def sleeves(run: SavedRun) -> str:
    """Return a table of each strategy of an account; empty for one alone."""
    rows = [{**row, "name": f"{row.get('strategy')} on {row.get('symbol')}"} for row in run.rows("sleeves")]
    return "<h3>Strategy by strategy</h3>" + _from_summary("name", rows, _BY_SLEEVE) if rows else ""


def open_positions(run: SavedRun) -> str:
    """Return a table of the positions still open at the end, their distance to liquidation, and the loss at stops."""
    account = run.summary.get("account")
    rows = account.get("positions") if isinstance(account, Mapping) else None
    if not isinstance(account, Mapping) or not isinstance(rows, list) or not rows:
        return ""
    leverage, heat = _figure(account.get("leverage"), "ratio"), _figure(account.get("heat"), "percent")
    note = f"<p class=quiet>Leverage {leverage} ×; a loss of {heat} of equity if every stop is hit.</p>"
    return "<h3>Open at the end</h3>" + _from_summary("symbol", rows, _OPEN) + note


def _from_summary(name: str, rows: Sequence[Mapping[str, object]], columns: Sequence[tuple[str, str, str]]) -> str:
    """Return a table of the summary: the name of each row, then its figures."""
    cells = [
        [escape(str(row.get(name, ""))), *(_figure(row.get(key), kind) for _, key, kind in columns)] for row in rows
    ]
    return table([name, *(label for label, _, _ in columns)], cells)


def _figure(value: object, kind: str) -> str:
    return number(value if isinstance(value, int | float) else None, kind)


def trades(run: SavedRun) -> str:
    """Return a table of the last trades, newest first."""
    if run.trades.is_empty():
        return "<p class=quiet>No trades.</p>"
    shown = run.trades.tail(SHOWN_TRADES_MAX).reverse()
    rows = []
    for symbol, entry_ts, exit_ts, side, qty, entry, leave, fee, pnl, reason in shown.iter_rows():
        texts = [escape(str(symbol)), _time(entry_ts), _time(exit_ts), escape(str(side))]
        texts.append(escape(str(reason).replace("_", " ")))
        rows.append([*texts, f"{qty:g}", f"{entry:,.8g}", f"{leave:,.8g}", number(fee, "money"), _colour(pnl, "money")])
    headings = [
        "symbol",
        "entry (UTC)",
        "exit (UTC)",
        "side",
        "exit by",
        "quantity",
        "entry price",
        "exit price",
        "fee",
        "profit",
    ]
    rest = len(run.trades) - len(shown)
    note = f"<p class=quiet>In trades.parquet: {counted(rest, 'earlier trade')}.</p>" if rest else ""
    return table(headings, rows, text_columns=5) + note


def facts(run: SavedRun) -> str:
    """Return the headline figures as tiles."""
    tiles = [
        ("return", _signed(run, "total_return", "percent")),
        ("final equity", number(run.number("equity_final"), "money")),
        ("max drawdown", number(run.number("max_drawdown"), "percent")),
        ("Sharpe", number(run.number("sharpe"), "ratio")),
        ("trades", number(run.number("trades"), "count")),
        ("time in the market", number(run.number("exposure"), "percent")),
    ]
    return "".join(f"<div class=tile><span>{escape(label)}</span><b>{value}</b></div>" for label, value in tiles)


def _signed(run: SavedRun, key: str, kind: str) -> str:
    value = run.number(key)
    return _colour(value, kind) if key == "total_return" and value is not None else number(value, kind)


def _colour(value: float, kind: str) -> str:
    name = "gain" if value > 0 else "loss" if value < 0 else "quiet"
    return f"<span class={name}>{number(value, kind)}</span>"


def _time(ts_ns: int) -> str:
    return f"{datetime.fromtimestamp(ts_ns // 1_000_000_000, tz=UTC):%Y-%m-%d %H:%M}"
