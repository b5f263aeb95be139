"""Feature names: parsing and refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quaestor.domain.parameter import Integer, Real, Value
from quaestor.errors import ConfigError, UnknownNameError
from quaestor.features.catalog import CATALOG, parse_feature
from quaestor.features.feature import Feature


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rsi_14", "rsi_14"),
        ("rsi", "rsi_14"),
        (" obv ", "obv"),
        ("macd_12_26_9", "macd_12_26_9"),
        ("macd_12_26_9.macd", "macd_12_26_9"),
        ("macd.hist", "macd_12_26_9.hist"),
        ("bbands_20_2", "bbands_20_2.upper"),
        ("bbands_20_2.0.lower", "bbands_20_2.lower"),
        ("bbands_20_2.5.lower", "bbands_20_2.5.lower"),
        ("efficiency_ratio_10.signed", "efficiency_ratio_10.signed"),
        ("plus_di_14", "plus_di_14"),
    ],
)
def test_names_parse_to_canonical_names(text: str, name: str) -> None:
    assert parse_feature(text).name == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rsy_14", "did you mean rsi"),
        ("macd_12_26_9.histogram", "did you mean hist"),
        ("", "unknown feature"),
        ("RSI_14", "unknown feature"),
        ("rsi_14#1h", "did you mean rsi_14"),
        ("rsi_-3", "unknown feature"),
    ],
)
def test_unknown_name_is_refused_with_similar_names(text: str, message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        parse_feature(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rsi_1", "whole number from 2 to 10000"),
        ("rsi_14.5", "whole number"),
        ("rsi_99999999", "length = 99999999 is not allowed"),
        ("rsi_14_3", "write rsi_LENGTH"),
        ("bbands_20", "write bbands_LENGTH_WIDTH"),
        ("bbands_20_0", "width = 0"),
        ("macd_26_12_9", "must be shorter"),
        ("obv_3", "0 needed"),
    ],
)
def test_invalid_parameters_are_refused_with_the_allowed_values(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_feature(text)


def _value(parameter: Integer | Real) -> st.SearchStrategy[Value]:
    if isinstance(parameter, Integer):
        return st.integers(parameter.low, parameter.high)
    return st.floats(parameter.low, parameter.high)


@given(data=st.data(), feature=st.sampled_from(CATALOG))
def test_every_canonical_name_parses_back(data: st.DataObject, feature: Feature) -> None:
    numeric = [p for p in feature.parameters if isinstance(p, Integer | Real)]
    values = [data.draw(_value(parameter)) for parameter in numeric]
    if feature.conflict is not None and feature.conflict(*values):
        values = [parameter.default for parameter in numeric]
    instance = feature.instance(*values, output=data.draw(st.integers(0, len(feature.outputs) - 1)))
    assert parse_feature(instance.name) == instance
    assert instance.warmup >= 0
    assert instance.params().dtype.names
