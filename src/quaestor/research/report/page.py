"""Puts the report together: one HTML file with its style, script and charts inside."""

import json
import os
import tempfile
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from plotly.offline import get_plotlyjs

from quaestor import __version__
from quaestor.errors import OutputError, UsageError
from quaestor.research.report import figures, tables
from quaestor.research.report.learning import learning
from quaestor.research.report.load import SavedRun, load_run


def write_report(out_dirs: Sequence[Path], target: Path) -> Path:
    """Write one report of one or more runs; the file appears whole or not at all.

    Raises:
        DataError: an output directory lacks something.
        OutputError: the target cannot be written.
    """
    if not out_dirs:
        raise UsageError("no run to report on", place="report", remedy="give one output directory or more")
    page = render([load_run(Path(path)) for path in out_dirs])
    target = Path(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(page)
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror}", place=str(target), remedy="choose another file with --html"
        ) from error
    return target


def render(runs: Sequence[SavedRun]) -> str:
    """The page as text."""
    charts: dict[str, figures.Figure] = {}
    sections = [_section(run, position, charts) for position, run in enumerate(runs)]
    charts["comparison"] = figures.comparison(runs)
    title = "Quaestor · " + (runs[0].name if len(runs) == 1 else f"{len(runs)} runs")
    return "\n".join(
        [
            "<!doctype html><html lang=en><head><meta charset=utf-8>",
            '<meta name=viewport content="width=device-width, initial-scale=1">',
            '<meta name=color-scheme content="light dark">',
            f"<title>{escape(title)}</title><style>{_asset('page.css')}</style></head><body>",
            f"<header><h1>{escape(title)}</h1>",
            f"<p class=quiet>Times are UTC. Written by Quaestor {__version__}.</p></header>",
            f"<main><section><h2>Overview</h2>{tables.overview(runs)}<ul>{tables.caveats(runs)}</ul>",
            f"{_chart('comparison', 'Growth in percent of the starting equity')}</section>",
            *sections,
            "</main>",
            f"<script>{get_plotlyjs()}</script>",
            f"<script>const CHARTS={_script_json(charts)};\n{_asset('page.js')}</script></body></html>\n",
        ]
    )


def _section(run: SavedRun, position: int, charts: dict[str, figures.Figure]) -> str:
    equity = f"equity-{position}"
    charts[equity] = figures.equity_and_drawdown(run)
    candles = [_candles(run, symbol, f"candles-{position}-{k}", charts) for k, symbol in enumerate(run.symbols)]
    return "\n".join(
        [
            f"<section id=run-{position}><h2>{escape(run.name)}</h2><p>{tables.verdict_sentence(run)}</p>",
            f"<div class=tiles>{tables.facts(run)}</div>",
            _chart(equity, "Equity and drawdown of the drawn points"),
            tables.symbols(run),
            tables.sleeves(run),
            learning(run),
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
    return _chart(name, f"Trades on candles{f' of {symbol}' if len(run.symbols) > 1 else ''} ({which})")


def _chart(name: str, title: str) -> str:
    return f"<figure><figcaption>{escape(title)}</figcaption><div class=chart id={name}></div></figure>"


def _asset(name: str) -> str:
    return files("quaestor.research.report").joinpath(name).read_text(encoding="utf-8")


def _script_json(value: object) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
