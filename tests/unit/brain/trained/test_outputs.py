"""The layout of an opinion: every way of naming a row names the same one."""

from quaestor.brain.signal_model import CONFIDENCE, EDGE, EDGE_BARS, EDGE_ERROR, SIGNAL
from quaestor.brain.trained.outputs import (
    Output,
    alpha_row,
    input_row,
    inputs,
    output_names,
    probabilities,
    probability_row,
    signals,
    weight_row,
    weights,
)
from quaestor.jit.compile import interpreted

MODELS, FEATURES, ALPHAS = ("forest", "online"), ("rsi_14", "atr_14", "ema_20"), ("breakout", "ema_cross")
NAMES = output_names(MODELS, FEATURES, ALPHAS)
COUNTS = (len(MODELS), len(FEATURES), len(ALPHAS))


def test_a_row_is_where_its_name_is() -> None:
    for output in Output:
        assert NAMES[output] == output.name.lower()
        assert output.meaning
    for j, model in enumerate(MODELS):
        assert NAMES[probability_row(j)] == f"{model}.probability"
        assert NAMES[weight_row(j)] == f"{model}.weight"
    for f, feature in enumerate(FEATURES):
        assert NAMES[input_row(len(MODELS), f)] == f"scaled.{feature}"
    for a, alpha in enumerate(ALPHAS):
        row = alpha_row(len(MODELS), len(FEATURES), a)
        assert NAMES[row : row + 2] == (f"{alpha}.signal", f"{alpha}.confidence")


def test_slices_hold_the_rows_of_all() -> None:
    assert NAMES[probabilities(len(MODELS))] == tuple(f"{model}.probability" for model in MODELS)
    assert NAMES[weights(len(MODELS))] == tuple(f"{model}.weight" for model in MODELS)
    assert NAMES[inputs(len(MODELS), len(FEATURES))] == tuple(f"scaled.{feature}" for feature in FEATURES)
    assert NAMES[signals(*COUNTS)] == tuple(f"{alpha}.signal" for alpha in ALPHAS)


def test_compiled_and_interpreted_rows_are_the_same() -> None:
    assert interpreted(probability_row)(1) == probability_row(1)
    assert interpreted(weight_row)(1) == weight_row(1)
    assert interpreted(input_row)(2, 1) == input_row(2, 1)
    assert interpreted(alpha_row)(2, 3, 1) == alpha_row(2, 3, 1)


def test_the_trading_loop_finds_signal_and_edge_where_it_looks_for_them() -> None:
    assert (Output.SIGNAL, Output.CONFIDENCE) == (SIGNAL, CONFIDENCE)
    edges = (Output.NET_EDGE, Output.EDGE_ERROR, Output.EDGE_BARS)
    assert edges == tuple(Output.NET_EDGE + after for after in (EDGE, EDGE_ERROR, EDGE_BARS))
