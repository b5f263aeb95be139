"""Momentum and volume features against TA-Lib on real bars, values and warm-up."""

from collections.abc import Callable

import numpy as np
import talib
from tests.unit.features.real_bars import Bars, Series, assert_agrees, load_bars


def known_from(row: int, flags: Series) -> Series:
    """Return TA-Lib's whole numbers, NaN where it has none."""
    values = np.array(flags, np.float64)
    values[:row] = np.nan
    return values


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
    "rocp_10": lambda b: talib.ROCP(b.close, 10),
    "rocr_10": lambda b: talib.ROCR(b.close, 10),
    "rocr100_3": lambda b: talib.ROCR100(b.close, 3),
    "stochrsi_14_5_3.k": lambda b: talib.STOCHRSI(b.close, 14, 5, 3, 0)[0],
    "stochrsi_14_5_3.d": lambda b: talib.STOCHRSI(b.close, 14, 5, 3, 0)[1],
    "stochrsi_9_14_1.d": lambda b: talib.STOCHRSI(b.close, 9, 14, 1, 0)[1],
    "kdj_9_3_3.k": lambda b: talib.KDJ(b.high, b.low, b.close, 9, 3, 13, 3, 13)[0],
    "kdj_9_3_3.d": lambda b: talib.KDJ(b.high, b.low, b.close, 9, 3, 13, 3, 13)[1],
    "kdj_9_3_3.j": lambda b: talib.KDJ(b.high, b.low, b.close, 9, 3, 13, 3, 13)[2],
    "kdj_14_5_2.d": lambda b: talib.KDJ(b.high, b.low, b.close, 14, 5, 13, 2, 13)[1],
    "smi_13_2_25_9": lambda b: talib.SMI(b.high, b.low, b.close, 13, 2, 25, 9)[0],
    "smi_13_2_25_9.signal": lambda b: talib.SMI(b.high, b.low, b.close, 13, 2, 25, 9)[1],
    "smi_5_3_3_3": lambda b: talib.SMI(b.high, b.low, b.close, 5, 3, 3, 3)[0],
    "qstick_10": lambda b: talib.QSTICK(b.open, b.close, 10),
    "imi_14": lambda b: talib.IMI(b.open, b.close, 14),
    "cmou_14": lambda b: talib.CMOU(b.close, 14),
    "vhf_28": lambda b: talib.VHF(b.close, 28),
    "dpo_20": lambda b: talib.DPO(b.close, 20),
    "dpo_21": lambda b: talib.DPO(b.close, 21),
    "fosc_5": lambda b: talib.FOSC(b.close, 5),
    "eri_13.bull": lambda b: talib.ERI(b.high, b.low, b.close, 13)[0],
    "eri_13.bear": lambda b: talib.ERI(b.high, b.low, b.close, 13)[1],
    "ac_5_34_5": lambda b: talib.AC(b.high, b.low, 5, 34, 5),
    "wad": lambda b: talib.WAD(b.high, b.low, b.close),
    "fractal_2_2.high": lambda b: known_from(4, talib.FRACTAL(b.high, b.low, 2, 2)[0]),
    "fractal_2_2.low": lambda b: known_from(4, talib.FRACTAL(b.high, b.low, 2, 2)[1]),
    "fractal_3_1.high": lambda b: known_from(4, talib.FRACTAL(b.high, b.low, 3, 1)[0]),
    "nvi": lambda b: talib.NVI(b.close, b.volume),
    "pvi": lambda b: talib.PVI(b.close, b.volume),
    "pvt": lambda b: talib.PVT(b.close, b.volume),
    "marketfi": lambda b: talib.MARKETFI(b.high, b.low, b.volume),
    "force_index_13": lambda b: talib.EFI(b.close, b.volume, 13),
}

#: Tolerances near zero, where differences of prices and shares of small ranges carry the rounding of their terms.
NOISE: dict[str, float] = {
    "apo_12_26": 1e-9,
    "ppo_12_26": 1e-11,
    "adosc_3_10": 1e-8,
    "stochf_14_3.d": 1e-10,
    "cmo_14": 1e-10,
    "dpo_20": 1e-9,
    "dpo_21": 1e-9,
    "fosc_5": 1e-10,
    "ac_5_34_5": 1e-9,
}


def test_momentum_equals_talib_on_real_bars() -> None:
    assert_agrees(ORACLES, load_bars(), NOISE)
