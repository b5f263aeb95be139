"""Opinion charts: votes, weights, edge, drift and abstentions of a trained model."""

from collections.abc import Sequence

import polars as pl

from quaestor.brain.online.drift_response import Level
from quaestor.report.figures import Figure, Trace, layout, line_of, rounded, utc_times

_THIN, _STRONG = 1.0, 2.2


def votes(opinions: pl.DataFrame, models: Sequence[str]) -> Figure:
    """Return a chart of the probability of a rise by every model and by the pool."""
    at = utc_times(opinions["ts"])
    traces: list[Trace] = [line_of(at, 100.0 * opinions["score"].to_numpy(), "together", "accent")]
    traces[0]["line"] = {"width": _STRONG, "color": "accent"}
    for model in models:
        own = line_of(at, 100.0 * opinions[f"{model}.probability"].to_numpy(), model)
        own["line"] = {"width": _THIN}
        traces.append(own)
    return {"data": traces, "layout": layout(360, yaxis={"ticksuffix": " %"})}


def weights(opinions: pl.DataFrame, models: Sequence[str]) -> Figure:
    """Return a chart of each model's weight, stacked."""
    known = opinions.filter(pl.col("score").is_not_nan())
    traces: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": utc_times(known["ts"]),
            "y": rounded(100.0 * known[f"{model}.weight"].to_numpy()),
            "name": model,
            "stackgroup": "weights",
            "line": {"width": 0.6},
        }
        for model in models
    ]
    return {"data": traces, "layout": layout(320, yaxis={"ticksuffix": " %", "range": [0, 100]})}


def edge_and_drift(opinions: pl.DataFrame) -> Figure:
    """Return a chart of the edge over its costs, marks at decisions, and the drift response below."""
    at = utc_times(opinions["ts"])
    decided = opinions.filter(pl.col("reason") == 0.0)
    marks: Trace = {
        "type": "scattergl",
        "mode": "markers",
        "x": utc_times(decided["ts"]),
        "y": rounded(1e4 * decided["edge"].to_numpy()),
        "name": "decided",
        "marker": {"size": 5, "color": "gain"},
    }
    steps = line_of(at, opinions["level"].to_numpy(), "drift response", "loss")
    steps |= {"yaxis": "y2", "showlegend": False, "line": {"width": 1.4, "color": "loss", "shape": "hv"}}
    steps["type"] = "scatter"  # the fast kind draws no steps
    cost = line_of(at, 1e4 * opinions["cost"].to_numpy(), "costs", "loss")
    edge = line_of(at, 1e4 * opinions["edge"].to_numpy(), "expected edge", "accent")
    edge["line"] = {"width": _THIN, "color": "accent"}
    placed = layout(
        460,
        xaxis={"anchor": "y2"},
        yaxis={"domain": [0.34, 1.0], "ticksuffix": " bp"},
        yaxis2={
            "domain": [0.0, 0.24],
            "range": [-0.3, len(Level) - 0.7],
            "tickvals": [int(level) for level in Level],
            "ticktext": [level.name.lower().replace("_", " ") for level in Level],
        },
    )
    return {"data": [edge, marks, cost, steps], "layout": placed}


def abstentions(counts: Sequence[tuple[str, int]]) -> Figure:
    """Return a chart of bars by decision or reason to abstain, the most frequent on top."""
    ordered = sorted(counts, key=lambda entry: entry[1])
    total = max(1, sum(count for _, count in counts))
    bars: Trace = {
        "type": "bar",
        "orientation": "h",
        "x": [count for _, count in ordered],
        "y": [reason for reason, _ in ordered],
        "text": [f"{count / total:.1%}" for _, count in ordered],
        "textposition": "auto",
        "hoverinfo": "x+y",
        "marker": {"color": "accent"},
        "showlegend": False,
    }
    placed = layout(
        110 + 34 * len(ordered),
        hovermode="closest",
        margin={"l": 190, "r": 12, "t": 28, "b": 36},
        xaxis={"type": "linear"},
        yaxis={"type": "category"},
    )
    return {"data": [bars], "layout": placed}
