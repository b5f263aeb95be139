"""The dominant cycle agrees with TA-Lib on real bars, values and warm-up.

TA-Lib smooths the close by sums that it carries along; what they round off stays in them and is all there is to measure
when the market stands still. So closes are compared in quarters of a dollar, whose sums are exact, and the phase, for
which TA-Lib then shows that of its rounding errors, after the exchange's outage.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import talib
from tests.unit.features.real_bars import Bars, Series, assert_agrees, load_bars

from quaestor.features.plan import compute, make_plan


def trend_mode(bars: Bars) -> Series:
    """Return TA-Lib's whole numbers, NaN where it has none."""
    mode = talib.HT_TRENDMODE(bars.close).astype(np.float64)
    mode[:63] = np.nan
    return np.asarray(mode)


ORACLES: dict[str, Callable[[Bars], Series]] = {
    "ht_dcperiod": lambda b: talib.HT_DCPERIOD(b.close),
    "ht_dcphase": lambda b: talib.HT_DCPHASE(b.close),
    "ht_phasor.inphase": lambda b: talib.HT_PHASOR(b.close)[0],
    "ht_phasor.quadrature": lambda b: talib.HT_PHASOR(b.close)[1],
    "ht_sine.sine": lambda b: talib.HT_SINE(b.close)[0],
    "ht_sine.leadsine": lambda b: talib.HT_SINE(b.close)[1],
    "ht_trendline": lambda b: talib.HT_TRENDLINE(b.close),
    "ht_trendmode": trend_mode,
    "mama_0.5_0.05.mama": lambda b: talib.MAMA(b.close, 0.5, 0.05)[0],
    "mama_0.5_0.05.fama": lambda b: talib.MAMA(b.close, 0.5, 0.05)[1],
    "mama_0.3_0.02.mama": lambda b: talib.MAMA(b.close, 0.3, 0.02)[0],
}

#: Tolerances for differences of prices of some ten thousands, and angles computed from them.
NOISE = {"ht_phasor.inphase": 1e-9, "ht_phasor.quadrature": 1e-9, "ht_dcphase": 1e-8, "ht_sine.leadsine": 1e-10}
NOISE["ht_sine.sine"] = 1e-10

_NEEDS_MOVEMENT = {"ht_dcphase", "ht_sine.sine", "ht_sine.leadsine", "ht_trendmode"}
_OUTAGE = slice(3_700, 4_000)


@pytest.fixture(scope="module")
def bars() -> Bars:
    """Return real minutes with closes in whole quarters."""
    real = load_bars()
    return replace(real, close=np.round(real.close * 4.0) / 4.0)


def test_outage_lies_at_the_documented_rows(bars: Bars) -> None:
    still = np.convolve(np.diff(bars.close) == 0.0, np.ones(30), "valid") == 30
    assert still[_OUTAGE].any()
    assert not still[_OUTAGE.stop :].any()


def test_cycles_equal_talib_on_real_bars(bars: Bars) -> None:
    assert_agrees({name: ORACLES[name] for name in ORACLES if name not in _NEEDS_MOVEMENT}, bars, NOISE)


def test_phases_equal_talib_on_real_bars(bars: Bars) -> None:
    after = Bars(*(series[_OUTAGE.stop :] for series in (bars.open, bars.high, bars.low, bars.close, bars.volume)))
    assert_agrees({name: ORACLES[name] for name in _NEEDS_MOVEMENT}, after, NOISE)


def test_pure_sine_has_its_period_and_phase() -> None:
    """Compare period, phase and sine of a close that is a sine of 20 bars."""
    turn = 2.0 * np.pi * np.arange(600) / 20.0
    close = 100.0 + np.sin(turn)
    out = compute(make_plan(["ht_dcperiod", "ht_dcphase", "ht_sine"]), np.tile(close, (5, 1)))[:, 300:]
    assert abs(out[0] - 20.0).max() < 0.5
    off = (out[1] - np.degrees(turn[300:]) + 180.0) % 360.0 - 180.0
    assert abs(off).max() < 12.0
    np.testing.assert_allclose(out[2], np.sin(turn[300:]), atol=0.2)
