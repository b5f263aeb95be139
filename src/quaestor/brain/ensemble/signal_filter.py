"""Signal filter: the checks that an opinion must pass to become a signal, each a named reason to abstain.

The least strength of a chart pattern is checked before, where patterns are traded: see `alpha.patterns`. The threshold
of confidence is scaled by regime (× 0.9 in trends), once the probability of the regime reaches `sensitivity`.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.codes import Abstention, Regime

#: Half-lives, in bars, of the exponential means of the pooled probability that confirm an opinion.
FRAMES = (1.0, 4.0, 16.0)

#: `confidence_min`: of the score in [0, 1]; `noise_max`: share of the weight that may disagree; `sensitivity`:
#: probability of the regime from which its scaling applies; `volume_min`: of the bar, as a multiple of the usual;
#: `frames_min`: of `FRAMES` that must point the same way; `margin`: multiple of the cost that the edge must exceed;
#: `sigmas`: standard errors taken off the edge before.
FILTER = np.dtype(
    [
        ("confidence_min", "<f8"),
        ("noise_max", "<f8"),
        ("sensitivity", "<f8"),
        ("volume_min", "<f8"),
        ("frames_min", "<i8"),
        ("margin", "<f8"),
        ("sigmas", "<f8"),
    ],
    align=True,
)

_SCALE = np.ones(len(Regime))
_SCALE[Regime.TRENDING] = _SCALE[Regime.BULL_RUN] = 0.9
_SCALE[Regime.VOLATILE] = 1.1
_SCALE[Regime.CRASH] = 1.2
_N_FRAMES = len(FRAMES)
_KEPT = np.array([0.5 ** (1.0 / bars) for bars in FRAMES])


@kernel
def look_back(frames: Row, score: float) -> None:
    """Update the exponential means of ``score − ½`` with a pooled probability."""
    for k in range(_N_FRAMES):
        frames[k] = _KEPT[k] * frames[k] + (1.0 - _KEPT[k]) * (score - 0.5)


@kernel
def confirmations(frames: Row, direction: int) -> int:
    """Return how many of the exponential means have the sign of a direction."""
    agree = 0
    for k in range(_N_FRAMES):
        if frames[k] * direction > 0.0:
            agree += 1
    return agree


@kernel
def threshold(rules: Row, regime: int, posterior: float) -> float:
    """Return the least confidence of an entry in a regime; `posterior`: probability of the regime."""
    scale = _SCALE[regime] if posterior >= rules["sensitivity"] else 1.0
    return rules["confidence_min"] * scale


@kernel
def reason_to_abstain(
    rules: Row,
    regime: int,
    posterior: float,
    edge: float,
    error: float,
    cost: float,
    confidence: float,
    noise: float,
    volume: float,
    agree: int,
) -> int:
    """Return the reason of the first check that an opinion fails, `Abstention.NONE` where it passes all."""
    if not edge - rules["sigmas"] * error > rules["margin"] * cost:
        return Abstention.EDGE_BELOW_COST
    if not noise <= rules["noise_max"]:
        return Abstention.MODELS_DISAGREE
    if agree < rules["frames_min"]:
        return Abstention.NOT_CONFIRMED
    if not volume >= rules["volume_min"]:
        return Abstention.THIN_VOLUME
    if not confidence >= threshold(rules, regime, posterior):
        return Abstention.LOW_CONFIDENCE
    return Abstention.NONE
