"""Experiment charts: growth, edge curves and weights of an experiment."""

from collections.abc import Sequence

import numpy as np

from quaestor.analysis.forecasts.forecasts import Weight
from quaestor.report.figures import Figure, Trace, layout, rounded
from quaestor.research.experiment.result import Curve, Edge

_TRAINED_WIDTH = 2.4


def growth(curves: Sequence[Curve]) -> Figure:
    """Return a chart of the equity of every strategy in percent of its start, the trained one first."""
    traces: list[Trace] = []
    for position, curve in enumerate(curves):
        line: dict[str, object] = {"width": 1.4}
        if position == 0:
            line = {"width": _TRAINED_WIDTH, "color": "ink"}
        if curve.name == "holding":  # of another size than the rest: on request, so that it does not flatten them
            line |= {"dash": "dot", "color": "muted"}
        traces.append(
            {
                "type": "scattergl",
                "mode": "lines",
                "x": _days(curve.ts),
                "y": rounded(100.0 * np.array(curve.growth)),
                "name": curve.name,
                "line": line,
                "visible": "legendonly" if curve.name == "holding" else True,
            }
        )
    return {"data": traces, "layout": layout(400, yaxis={"ticksuffix": " %"})}


def edges(curves: Sequence[Edge]) -> Figure:
    """Return a chart of the expected gain by pooled probability, one standard error to either side."""
    traces: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": rounded(np.array(curve.probability)),
            "y": rounded(np.array(curve.gain)),
            "error_y": {"type": "data", "array": rounded(np.array(curve.error)), "visible": True, "thickness": 1},
            "name": curve.symbol,
            "line": {"width": 1.6},
        }
        for curve in curves
    ]
    axes = {"type": "linear", "title": {"text": "pooled probability of up", "standoff": 8}}
    return {
        "data": traces,
        "layout": layout(
            360, hovermode="closest", xaxis=axes, yaxis={"title": {"text": "gain, in expected moves", "standoff": 8}}
        ),
    }


def weights(shares: Sequence[Weight]) -> Figure:
    """Return a chart of the mean shares of the models by month."""
    months = list(dict.fromkeys(each.month for each in shares))
    traces: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [f"{month}-15" for month in months],
            "y": [round(100.0 * each.share, 4) for each in shares if each.model == model],
            "name": model,
            "stackgroup": "shares",
            "line": {"width": 0.8},
        }
        for model in dict.fromkeys(each.model for each in shares)
    ]
    return {"data": traces, "layout": layout(360, yaxis={"ticksuffix": " %"})}


def _days(ts: Sequence[int]) -> list[str]:
    return [str(day) for day in np.array(ts, dtype=np.int64).astype("datetime64[ns]").astype("datetime64[D]")]
