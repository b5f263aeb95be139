"""Chart specifications: what the drawing library reads."""

from collections.abc import Mapping

import pytest

from quaestor.analysis.forecasts.skill import Calibration, Reliability
from quaestor.report.experiment_figures import edges, growth
from quaestor.report.figures import Figure
from quaestor.report.reliability import reliability
from quaestor.research.experiment.result import Curve, Edge

NEAR_HALF = (Reliability(0.48, 0.56, 100.0), Reliability(0.52, 0.55, 25.0))
WIDE = (Reliability(0.02, 0.0, 4.0), Reliability(0.97, 1.0, 4.0))


def layout_of(figure: Figure) -> Mapping[str, Mapping[str, object]]:
    layout = figure["layout"]
    assert isinstance(layout, dict)
    return layout


@pytest.mark.parametrize(
    "figure",
    [
        reliability([Calibration("pooled", NEAR_HALF)]),
        edges([Edge("BTCUSDT", (0.4, 0.6), (-0.1, 0.1), (0.05, 0.05))]),
    ],
)
def test_titles_of_axes_are_objects_with_a_text(figure: Figure) -> None:
    """The library draws `title.text` and leaves out a title that is plain text."""
    for axis in ("xaxis", "yaxis"):
        title = layout_of(figure)[axis]["title"]
        assert isinstance(title, dict)
        assert title["text"]


def test_reliability_axes_span_the_probabilities_given() -> None:
    near = layout_of(reliability([Calibration("pooled", NEAR_HALF)]))
    assert near["xaxis"]["range"] == near["yaxis"]["range"] == [0.43, 0.61]
    both = layout_of(reliability([Calibration("pooled", NEAR_HALF), Calibration("forest", WIDE)]))
    assert both["xaxis"]["range"] == [0.0, 1.0]
    none = layout_of(reliability([Calibration("pooled", ())]))
    assert none["xaxis"]["range"] == [0.0, 1.0]


def test_holding_is_switched_on_in_the_legend() -> None:
    figure = growth([Curve("learned", (0, 1), (0.0, 0.01)), Curve("holding", (0, 1), (0.0, 1.5))])
    traces = figure["data"]
    assert isinstance(traces, list)
    assert [trace["visible"] for trace in traces] == [True, "legendonly"]
    assert traces[0]["y"] == [0.0, 1.0]
