"""Run charts: Plotly specifications; colours are names that the page maps to its light or dark palette."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.report.load import SavedRun

Figure = dict[str, object]
Trace = dict[str, object]

#: Most trades drawn on the candles; more would hide the price.
DRAWN_TRADES_MAX = 1500
_MARGIN = {"l": 56, "r": 12, "t": 28, "b": 36}
#: Below the chart: above it lie the buttons.
_LEGEND = {"orientation": "h", "y": -0.18, "yanchor": "top", "x": 0}


def comparison(runs: Sequence[SavedRun]) -> Figure:
    """Return a chart of the growth of every run in percent of its start; holding a symbol is switched on in the
    legend."""
    traces: list[Trace] = []
    held: set[str] = set()
    for run in runs:
        start = run.number("equity_initial") or 1.0
        growth = 100.0 * (run.equity["equity"].to_numpy() / start - 1.0)
        traces.append(line_of(utc_times(run.equity["ts"]), growth, run.name))
        symbol = run.text("symbol")
        if symbol not in held and len(run.equity):
            held.add(symbol)
            price = run.equity["price"].to_numpy()
            hold = line_of(utc_times(run.equity["ts"]), 100.0 * (price / price[0] - 1.0), f"holding {symbol}")
            hold |= {"line": {"width": 1.2, "dash": "dot", "color": "muted"}, "visible": "legendonly"}
            traces.append(hold)
    return {"data": traces, "layout": layout(360, yaxis={"ticksuffix": " %"})}


def equity_and_drawdown(run: SavedRun) -> Figure:
    """Return a chart of equity with the drawdown below; holding instead is switched on in the legend."""
    times = utc_times(run.equity["ts"])
    equity = run.equity["equity"].to_numpy()
    start = run.number("equity_initial") or float(equity[0] if len(equity) else 1.0)
    peaks = np.maximum.accumulate(np.maximum(equity, start))
    fall = line_of(times, 100.0 * (equity / peaks - 1.0), "drawdown")
    fall |= {"yaxis": "y2", "fill": "tozeroy", "line": {"width": 1, "color": "loss"}, "showlegend": False}
    traces = [line_of(times, equity, "equity", "accent"), fall]
    if len(run.equity):
        price = run.equity["price"].to_numpy()
        hold = line_of(times, start * price / price[0], f"holding {run.held_instead}")
        hold |= {"line": {"width": 1.2, "dash": "dot", "color": "muted"}, "visible": "legendonly"}
        traces.insert(1, hold)
    placed = layout(
        430,
        xaxis={"anchor": "y2"},
        yaxis={"domain": [0.32, 1.0]},
        yaxis2={"domain": [0.0, 0.26], "ticksuffix": " %"},
    )
    return {"data": traces, "layout": placed}


def trades_on_candles(run: SavedRun, symbol: str) -> Figure:
    """Return a chart of a symbol's candles with the entry and exit of every drawn trade."""
    bars = run.bars.filter(pl.col("symbol") == symbol)
    candles: Trace = {
        "type": "candlestick",
        "x": utc_times(bars["ts"]),
        **{side: rounded(bars[side].to_numpy()) for side in ("open", "high", "low", "close")},
        "name": symbol,
        "increasing": {"line": {"color": "gain", "width": 1}},
        "decreasing": {"line": {"color": "loss", "width": 1}},
        "showlegend": False,
    }
    drawn = drawn_trades(run, symbol)
    is_long = drawn["side"].cast(pl.String).str.to_lowercase().is_in(["long", "buy", "1"])
    won = drawn["pnl"] > 0
    traces: list[Trace] = [candles, _paths(drawn.filter(won), "gain"), _paths(drawn.filter(~won), "loss")]
    for rows, name, shape in ((is_long, "long entry", "triangle-up"), (~is_long, "short entry", "triangle-down")):
        traces.append(_markers(drawn.filter(rows), "entry", name, shape, "accent"))
    for rows, name, colour in ((won, "exit with profit", "gain"), (~won, "exit with loss", "loss")):
        traces.append(_markers(drawn.filter(rows), "exit", name, "x", colour))
    placed = layout(460, xaxis={"rangeslider": {"visible": False}}, dragmode="pan")
    return {"data": [trace for trace in traces if trace["x"]], "layout": placed}


def drawn_trades(run: SavedRun, symbol: str) -> pl.DataFrame:
    """Return the last trades of a symbol, as many as are drawn."""
    return run.trades.filter(pl.col("symbol") == symbol).tail(DRAWN_TRADES_MAX)


def _markers(trades: pl.DataFrame, end: str, name: str, symbol: str, colour: str) -> Trace:
    texts = [
        f"{name}<br>{qty:g} at {price:g}" + (f"<br>profit {pnl:,.2f} ({reason})" if end == "exit" else "")
        for qty, price, pnl, reason in trades.select("qty", f"{end}_price", "pnl", "exit_reason").iter_rows()
    ]
    return {
        "type": "scattergl",
        "mode": "markers",
        "x": utc_times(trades[f"{end}_ts"]),
        "y": rounded(trades[f"{end}_price"].to_numpy()),
        "name": name,
        "text": texts,
        "hoverinfo": "x+text",
        "marker": {"symbol": symbol, "size": 9 if end == "entry" else 6, "color": colour},
    }


def _paths(trades: pl.DataFrame, colour: str) -> Trace:
    """Return one trace of many separate segments, entry to exit."""
    n = len(trades)
    xs: list[str | None] = [None] * (3 * n)
    ys: list[float | None] = [None] * (3 * n)
    xs[0::3], xs[1::3] = utc_times(trades["entry_ts"]), utc_times(trades["exit_ts"])
    ys[0::3], ys[1::3] = rounded(trades["entry_price"].to_numpy()), rounded(trades["exit_price"].to_numpy())
    line = {"width": 1.2, "color": colour, "dash": "dot"}
    return {
        "type": "scattergl",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": line,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def line_of(times: list[str], values: NDArray[np.float64], name: str, colour: str | None = None) -> Trace:
    """Return one line over time."""
    line: dict[str, object] = {"width": 1.6}
    if colour is not None:
        line["color"] = colour
    return {"type": "scattergl", "mode": "lines", "x": times, "y": rounded(values), "name": name, "line": line}


def layout(height: int, **more: object) -> dict[str, object]:
    """Return the layout that all charts share, with `more` on top."""
    return {"height": height, "margin": _MARGIN, "legend": _LEGEND, "hovermode": "x unified", **more}


def utc_times(ts: pl.Series) -> list[str]:
    """Return UTC stamps as Plotly reads them."""
    return ts.cast(pl.Datetime("ns")).dt.strftime("%Y-%m-%d %H:%M:%S").to_list()


def rounded(values: NDArray[np.float64]) -> list[float | None]:
    """Return eight significant digits of each value; what is not finite becomes a gap in the line."""
    return [float(f"{value:.8g}") if np.isfinite(value) else None for value in values.tolist()]
