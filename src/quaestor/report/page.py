"""Run report: sections and charts of one or more runs on one page."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from quaestor.errors import UsageError
from quaestor.report import figures, tables
from quaestor.report.document import chart, document, write_page
from quaestor.report.learning import learning
from quaestor.report.load import SavedRun, load_run
from quaestor.report.opinions import opinions


def write_report(out_dirs: Sequence[Path], target: Path) -> Path:
    """Write one report of one or more runs; the file appears whole or not at all.

    Raises:
        DataError: an output directory lacks something.
        OutputError: the target cannot be written.
    """
    if not out_dirs:
        raise UsageError("no run to report on", place="report", remedy="give one output directory or more")
    return write_page(render([load_run(Path(path)) for path in out_dirs]), Path(target))


def render(runs: Sequence[SavedRun]) -> str:
    """Return the page as text."""
    charts: dict[str, figures.Figure] = {}
    sections = [_section(run, position, charts) for position, run in enumerate(runs)]
    charts["comparison"] = figures.comparison(runs)
    growth = chart("comparison", "Growth in percent of the starting equity; holding can be switched on in the legend")
    overview = f"<section><h2>Overview</h2>{tables.overview(runs)}<ul>{tables.caveats(runs)}</ul>{growth}</section>"
    title = "Quaestor · " + (runs[0].name if len(runs) == 1 else f"{len(runs)} runs")
    return document(title, [overview, *sections], charts)


def _section(run: SavedRun, position: int, charts: dict[str, figures.Figure]) -> str:
    equity = f"equity-{position}"
    charts[equity] = figures.equity_and_drawdown(run)
    candles = [_candles(run, symbol, f"candles-{position}-{k}", charts) for k, symbol in enumerate(run.symbols)]
    return "\n".join(
        [
            f"<section id=run-{position}><h2>{escape(run.name)}</h2><p>{tables.verdict_sentence(run)}</p>",
            f"<div class=tiles>{tables.facts(run)}</div>",
            chart(equity, "Equity and drawdown of the drawn points"),
            tables.symbols(run),
            tables.sleeves(run),
            learning(run),
            opinions(run, position, charts),
            tables.open_positions(run),
            *candles,
            f"<h3>Risk officer</h3>{tables.verdicts(run)}{tables.refusals(run)}",
            f"<h3>Costs</h3>{tables.costs(run)}",
            f"<h3>Trades</h3>{tables.trades(run)}</section>",
        ]
    )


def _candles(run: SavedRun, symbol: str, name: str, charts: dict[str, figures.Figure]) -> str:
    charts[name] = figures.trades_on_candles(run, symbol)
    drawn, made = len(figures.drawn_trades(run, symbol)), run.trades["symbol"].eq(symbol).sum()
    which = "all" if drawn == made else f"the last {drawn:,}"
    return chart(name, f"Trades on candles{f' of {symbol}' if len(run.symbols) > 1 else ''} ({which})")
