"""Sizers: sizes by hand, unknown sizes, and the smallest of several."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import DAY, Bar, bars_to_events, engine, engine_settings, instrument, run

from quaestor.errors import ConfigError, UnknownNameError
from quaestor.ledger.codes import ContractKind
from quaestor.risk.sizing.catalog import SIZERS
from quaestor.risk.sizing.settings import PARAMETERS, SizingSettings
from quaestor.risk.sizing.size import sized_lots

NAN = math.nan
NAMES = [sizer.name for sizer in SIZERS]
BOTH = instrument(shortable=True)


@dataclass(frozen=True, slots=True)
class Market:
    """Inputs of the sizers, at a close of 100 on an account of 10,000; a lot is worth 100."""

    atr: float = NAN
    edge: float = NAN
    edge_error: float = 0.0
    edge_bars: float = 12.0
    variance: float = 1e-4  # of daily bars
    returns: int = 20
    confidence: float = 1.0
    stop: int = 0


def sized(
    market: Market, sizers: list[str], strength: float = 1.0, size: float = 1.0, traded: Any = BOTH, **numbers: float
) -> tuple[int, str]:
    """Lots, and the name of the sizer of the smallest size."""
    chosen = SizingSettings.choose(sizers, {name: str(value) for name, value in numbers.items()})
    target = engine(traded, engine_settings(sizing=chosen, size=size), interval_ns=DAY)
    bar = Bar(100, 100, 100, 100, confidence=market.confidence, atr=market.atr)
    event = bars_to_events([bar])[0]
    event["edge"], event["edge_error"], event["edge_bars"] = market.edge, market.edge_error, market.edge_bars
    book, account = target.books[0], target.account[0]
    book["risk"]["variance"], book["risk"]["n_returns"] = market.variance, market.returns
    rules, params = target.instruments[0], target.params[0]["sizing"]
    lots, sizer = sized_lots(account, book, rules, params, event, market.stop, strength)
    return lots, NAMES[sizer - 1] if sizer else ""


# --- each sizer


@pytest.mark.parametrize(
    ("sizer", "market", "numbers", "lots"),
    [
        ("fixed", Market(), {}, 100),
        ("equal", Market(), {}, 20),
        ("equal", Market(), {"equal_positions": 3.0}, 33),
        # 1 % of 10,000 lost over 2 × 5 ticks of 100: a notional of 1,000
        ("atr_risk", Market(atr=5.0), {}, 10),
        ("atr_risk", Market(atr=5.0), {"atr_risk_pct": 2.0, "atr_risk_multiple": 1.0}, 40),
        ("atr_risk", Market(atr=5.0, stop=20), {}, 5),  # the stop is further than the noise
        ("atr_risk", Market(atr=5.0, stop=1), {}, 10),  # a stop inside the noise does not make a position larger
        ("atr_risk", Market(stop=4), {}, 25),
        ("atr_risk", Market(atr=5.0, stop=4), {"atr_risk_multiple": 0.0}, 25),
        # 0.01 × √365 = 19.1 % a year
        ("volatility_target", Market(), {}, 52),
        ("volatility_target", Market(variance=4e-4), {}, 26),
        ("volatility_target", Market(), {"target_volatility_pct": 5.0}, 26),
        # 0.25 × (0.004 − 0.001) / (12 × 0.0001) = 62.5 %
        ("kelly", Market(edge=0.004, edge_error=0.001), {}, 62),
        ("kelly", Market(edge=0.004, edge_error=0.001), {"kelly_z": 2.0}, 41),
        ("kelly", Market(edge=0.004, edge_error=0.001), {"kelly_fraction": 1.0}, 250),
        ("kelly", Market(edge=0.004, edge_error=0.001, edge_bars=24.0), {}, 31),
        ("kelly", Market(edge=0.001, edge_error=0.001), {}, 0),
        ("kelly", Market(edge=-0.01), {}, 0),
    ],
)
def test_each_sizers_size_by_hand(sizer: str, market: Market, numbers: dict[str, float], lots: int) -> None:
    assert sized(market, [sizer], **numbers) == (lots, sizer)
    assert sized(market, [sizer], -1.0, **numbers) == (-lots, sizer)


@pytest.mark.parametrize(
    ("sizer", "market"),
    [
        ("atr_risk", Market()),
        ("atr_risk", Market(atr=0.0)),
        ("volatility_target", Market(returns=19)),
        ("volatility_target", Market(variance=0.0)),
        ("volatility_target", Market(variance=NAN)),
        ("kelly", Market()),
        ("kelly", Market(edge=0.004, edge_error=NAN)),
        ("kelly", Market(edge=0.004, edge_error=-1.0)),
        ("kelly", Market(edge=math.inf)),
        ("kelly", Market(edge=0.004, edge_bars=NAN)),
        ("kelly", Market(edge=0.004, edge_bars=0.5)),
        ("kelly", Market(edge=0.004, edge_bars=-12.0)),
        ("kelly", Market(edge=0.004, edge_bars=math.inf)),
        ("kelly", Market(edge=0.004, returns=19)),
        ("kelly", Market(edge=0.004, variance=0.0)),
    ],
)
def test_a_sizer_without_its_inputs_is_left_out(sizer: str, market: Market) -> None:
    """Alone it opens nothing; beside another the other's size holds."""
    assert sized(market, [sizer]) == (0, "")
    assert sized(market, [sizer, "equal"]) == (20, "equal")


def test_the_kelly_share_maximises_expected_log_growth() -> None:
    """Two equally likely returns μ ± σ: the grid's best share of E log(1 + share × return) is the sizer's."""
    edge, deviation = 0.002, 0.05
    shares = np.arange(0.0, 3.0, 0.001)
    growth = np.log1p(shares * (edge + deviation)) + np.log1p(shares * (edge - deviation))
    best = shares[growth.argmax()]
    market = Market(edge=edge, edge_bars=1.0, variance=deviation**2)
    lots, _ = sized(market, ["kelly"], kelly_fraction=1.0)
    assert lots / 100 == pytest.approx(best, rel=0.02)


# --- together


def test_the_smallest_size_holds_and_names_its_sizer() -> None:
    market = Market(atr=5.0, edge=0.004, edge_error=0.001)
    assert sized(market, NAMES) == (10, "atr_risk")
    assert sized(market, NAMES, atr_risk_pct=50.0) == (20, "equal")
    assert sized(market, NAMES, size=0.03) == (3, "fixed")
    assert sized(Market(edge=-1.0), NAMES) == (0, "kelly")
    assert sized(market, ["equal", "fixed"], size=0.2) == (20, "fixed")  # of equals the first in the catalog


@pytest.mark.parametrize(
    ("market", "strength", "numbers", "lots"),
    [
        (Market(), 0.5, {}, 50),
        (Market(confidence=0.6), 1.0, {}, 100),
        (Market(confidence=0.6), 1.0, {"confidence_weight": 1.0}, 60),
        (Market(confidence=0.6), 1.0, {"confidence_weight": 0.5}, 80),
        (Market(confidence=0.6), -0.5, {"confidence_weight": 1.0}, -30),
        (Market(confidence=7.0), 1.0, {"confidence_weight": 1.0}, 100),
        (Market(confidence=NAN), 1.0, {"confidence_weight": 1.0}, 0),
    ],
)
def test_strength_and_confidence_scale_a_size_down(
    market: Market, strength: float, numbers: dict[str, float], lots: int
) -> None:
    assert sized(market, ["fixed"], strength, **numbers)[0] == lots


def test_the_fee_is_kept_back_and_the_venue_bounds_a_size() -> None:
    dear = instrument(taker_fee=Decimal("0.01"))
    assert sized(Market(), ["fixed"], traded=dear) == (99, "fixed")
    small = instrument(max_quantity=Decimal(7))
    assert sized(Market(), ["fixed"], traded=small) == (7, "fixed")


def test_an_inverse_contract_is_sized_by_its_settlement_asset() -> None:
    """10,000 coins at 100 are a million of quote: 10,000 contracts of 100."""
    traded = instrument(ContractKind.INVERSE)
    assert sized(Market(), ["fixed"], traded=traded) == (10_000, "fixed")
    assert sized(Market(), ["equal"], traded=traded) == (2_000, "equal")


NUMBER = st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=200)
@given(
    st.builds(
        Market,
        atr=NUMBER,
        edge=NUMBER,
        edge_error=NUMBER,
        edge_bars=NUMBER,
        variance=NUMBER,
        returns=st.integers(0, 100),
        confidence=NUMBER,
        stop=st.integers(0, 10**15),
    ),
    st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
    st.floats(-1.0, 1.0).filter(bool),
)
def test_for_any_inputs_a_size_has_the_side_of_the_signal_and_is_the_smallest(
    market: Market, sizers: list[str], strength: float
) -> None:
    lots, sizer = sized(market, sizers, strength, confidence_weight=0.5)
    assert lots * strength >= 0.0
    assert abs(lots) <= 10**9
    alone = [sized(market, [name], strength, confidence_weight=0.5) for name in sizers]
    known = [abs(each) for each, name in alone if name]
    assert abs(lots) == (min(known) if known else 0)
    assert (sizer in sizers) == bool(known)


# --- in the trading loop


def test_a_decision_names_its_sizer() -> None:
    chosen = SizingSettings.choose(["fixed", "equal"])
    rows = [Bar(100, 100, 100, 100, signal=signal) for signal in (NAN, 1.0, 1.0, 0.0)]
    record = run(engine(BOTH, engine_settings(sizing=chosen)), bars_to_events(rows))
    assert record.all_decisions["target"].tolist() == [0, 20, 20, 0]
    assert record.all_decisions["sizer"].tolist() == [0, 1 + NAMES.index("equal"), 0, 0]


def test_an_entry_is_sized_by_the_stop_that_it_will_have() -> None:
    chosen = SizingSettings.choose(["atr_risk"])
    rows = [Bar(100, 100, 100, 100, signal=1.0)]
    record = run(engine(BOTH, engine_settings(limits={"stop_loss_pct": 5.0}, sizing=chosen)), bars_to_events(rows))
    assert record.all_decisions["target"].tolist() == [20]


# --- settings


def test_every_sizing_parameter_has_a_name_of_its_own() -> None:
    names = [parameter.name for parameter in PARAMETERS]
    assert len(set(names)) == len(names)
    assert all(parameter.doc for parameter in PARAMETERS)


def test_unknown_sizers_and_parameters_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="atr_risk"):
        SizingSettings.choose(["atr_rsk"])
    with pytest.raises(ConfigError, match="no sizer chosen"):
        SizingSettings.choose([])
    with pytest.raises(ConfigError, match="kelly_fraction = 2"):
        SizingSettings.choose(["kelly"], {"kelly_fraction": "2"})
    with pytest.raises(UnknownNameError, match="kelly_fraction"):
        SizingSettings.choose(["kelly"], {"kelly_fractoin": "0.5"})
