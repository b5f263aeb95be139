"""Sizer catalog: every sizer of the package. A new one costs its file and a line at the end of the list.

Journals hold a sizer's index, so the order of the list never changes.
"""

from quaestor.domain.parameter import Real
from quaestor.risk.sizing import atr_risk, equal, fixed, kelly, volatility_target
from quaestor.risk.sizing.contract import Sizer

SIZERS: tuple[Sizer, ...] = (
    fixed.SIZER,
    equal.SIZER,
    atr_risk.SIZER,
    volatility_target.SIZER,
    kelly.SIZER,
)

#: How far confidence scales the smallest size down, whichever sizer gave it. The strength of the signal always does.
CONFIDENCE = Real("confidence_weight", 0.0, 0.0, 1.0, "how far confidence scales a size: 0 not at all, 1 in proportion")
