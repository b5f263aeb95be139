"""Charts of an experiment."""

from collections.abc import Sequence

import numpy as np

from quaestor.research.experiment.forecasts import Forecast, Weight
from quaestor.research.experiment.result import Curve, Edge
from quaestor.research.report.figures import Figure, Trace, layout, rounded

_LEARNED_WIDTH = 2.4
_MARKED_MAX = 40.0  # points across of the heaviest bin


def growth(curves: Sequence[Curve]) -> Figure:
    """Equity of every strategy in percent of its start, the learned one first and strongest."""
    traces: list[Trace] = []
    for position, curve in enumerate(curves):
        line: dict[str, object] = {"width": 1.4}
        if position == 0:
            line = {"width": _LEARNED_WIDTH, "color": "accent"}
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


def reliability(forecasts: Sequence[Forecast]) -> Figure:
    """How often the outcome came where a probability was given; on the diagonal both agree."""
    diagonal: Trace = {
        "type": "scatter",
        "mode": "lines",
        "x": [0.0, 1.0],
        "y": [0.0, 1.0],
        "name": "perfectly calibrated",
        "line": {"width": 1.2, "dash": "dot", "color": "muted"},
    }
    heaviest = max((bin_.weight for each in forecasts for bin_ in each.skill.reliability), default=1.0)
    traces = [diagonal]
    for each in forecasts:
        bins = each.skill.reliability
        sizes = [6.0 + (_MARKED_MAX - 6.0) * np.sqrt(bin_.weight / heaviest) for bin_ in bins]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": [round(bin_.probability, 6) for bin_ in bins],
                "y": [round(bin_.frequency, 6) for bin_ in bins],
                "text": [f"{bin_.weight:.0f} effective outcomes" for bin_ in bins],
                "name": each.model,
                "marker": {"size": [round(size / 2.0, 2) for size in sizes]},
                "line": {"width": 1.4},
                "visible": True if each is forecasts[0] else "legendonly",
            }
        )
    axes = {"type": "linear", "range": [0, 1]}
    return {
        "data": traces,
        "layout": layout(
            400,
            hovermode="closest",
            xaxis={**axes, "title": "probability given"},
            yaxis={"range": [0, 1], "title": "frequency"},
        ),
    }


def edges(curves: Sequence[Edge]) -> Figure:
    """Expected gain by pooled probability, one standard error to either side."""
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
    axes = {"type": "linear", "title": "pooled probability of up"}
    return {
        "data": traces,
        "layout": layout(360, hovermode="closest", xaxis=axes, yaxis={"title": "gain, in expected moves"}),
    }


def weights(shares: Sequence[Weight]) -> Figure:
    """Mean shares of the models by month."""
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
