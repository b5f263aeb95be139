"""Momentum and volume agree with TA-Lib on real bars, values and warm-up."""

from collections.abc import Callable
from pathlib import Path

import talib
from tests.unit.features.real_bars import Bars, Series, assert_agrees, load_bars

ORACLES: dict[str, Callable[[Bars], Series]] = {
    "aroon_14.up": lambda b: talib.AROON(b.high, b.low, 14)[1],
    "aroon_14.down": lambda b: talib.AROON(b.high, b.low, 14)[0],
    "aroonosc_25": lambda b: talib.AROONOSC(b.high, b.low, 25),
    "dx_14": lambda b: talib.DX(b.high, b.low, b.close, 14),
    "adxr_14": lambda b: talib.ADXR(b.high, b.low, b.close, 14),
    "adxr_5": lambda b: talib.ADXR(b.high, b.low, b.close, 5),
    "plus_dm_14": lambda b: talib.PLUS_DM(b.high, b.low, 14),
    "minus_dm_14": lambda b: talib.MINUS_DM(b.high, b.low, 14),
    "cmo_14": lambda b: talib.CMO(b.close, 14),
    "stochf_14_3.k": lambda b: talib.STOCHF(b.high, b.low, b.close, 14, 3, 0)[0],
    "stochf_14_3.d": lambda b: talib.STOCHF(b.high, b.low, b.close, 14, 3, 0)[1],
    "bop": lambda b: talib.BOP(b.open, b.high, b.low, b.close),
    "ultosc_7_14_28": lambda b: talib.ULTOSC(b.high, b.low, b.close, 7, 14, 28),
    "ad": lambda b: talib.AD(b.high, b.low, b.close, b.volume),
    "adosc_3_10": lambda b: talib.ADOSC(b.high, b.low, b.close, b.volume, 3, 10),
    "mom_10": lambda b: talib.MOM(b.close, 10),
    "apo_12_26": lambda b: talib.APO(b.close, 12, 26, 1),
    "ppo_12_26": lambda b: talib.PPO(b.close, 12, 26, 1),
}

#: Near zero, differences of prices and shares of small ranges carry the rounding of what they were made of.
NOISE: dict[str, float] = {
    "apo_12_26": 1e-9,
    "ppo_12_26": 1e-11,
    "adosc_3_10": 1e-8,
    "stochf_14_3.d": 1e-10,
    "cmo_14": 1e-10,
}


def test_momentum_agrees_with_talib(shared_data: Path) -> None:
    assert_agrees(ORACLES, load_bars(shared_data), NOISE)
