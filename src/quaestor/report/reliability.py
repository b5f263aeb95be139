"""Reliability diagram: realised frequency by probability given."""

from collections.abc import Sequence

import numpy as np

from quaestor.analysis.forecasts.skill import Calibration
from quaestor.report.figures import Figure, Trace, layout

_MARKED_MAX = 40.0  # points across of the heaviest bin
_ROOM = 0.05  # around what is drawn


def reliability(models: Sequence[Calibration]) -> Figure:
    """Return a chart of the frequency of the outcome by probability given; on the diagonal both agree."""
    diagonal: Trace = {
        "type": "scatter",
        "mode": "lines",
        "x": [0.0, 1.0],
        "y": [0.0, 1.0],
        "name": "perfectly calibrated",
        "line": {"width": 1.2, "dash": "dot", "color": "muted"},
    }
    heaviest = max((bin_.weight for each in models for bin_ in each.bins), default=1.0)
    traces = [diagonal]
    for each in models:
        bins = each.bins
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
                "visible": True if each is models[0] else "legendonly",
            }
        )
    span = _span(models)
    return {
        "data": traces,
        "layout": layout(
            400,
            hovermode="closest",
            xaxis={"type": "linear", "range": span, "title": {"text": "probability given", "standoff": 8}},
            yaxis={"range": span, "title": {"text": "frequency", "standoff": 8}},
        ),
    }


def _span(models: Sequence[Calibration]) -> list[float]:
    """Return the axis range from the least to the greatest value drawn, with a margin, so that models near ½ stay
    apart."""
    drawn = [value for each in models for bin_ in each.bins for value in (bin_.probability, bin_.frequency)]
    return [round(max(0.0, min(drawn, default=0.0) - _ROOM), 2), round(min(1.0, max(drawn, default=1.0) + _ROOM), 2)]
