"""Co-movement: correlations of instruments, and the length of a vector of positions under them.

Each correlation has two estimates: exponentially weighted over about the last 100 bars, and over a window of the last
100 bars that both instruments have, aligned by time stamp. The first reacts sooner, the second drops old bars wholly;
the one that makes the positions riskier together counts. An instrument without an estimate yet has a correlation of 1.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.scratch import scratch
from quaestor.jit.tables import Row, Table
from quaestor.risk.in_flight import expected_lots, expected_notional
from quaestor.risk.state import LOOKBACK

#: Returns that both have, most and fewest, of a rolling correlation; bars between two estimates.
WINDOW = 100
FEWEST = 20
REFRESH_BARS = 16


@kernel
def weighted_correlation(books: Table, j: int, k: int) -> float:
    """Return the exponentially weighted correlation of two instruments, in [−1, 1]; 1 where it is not known.

    It is kept with the instrument of lower index until one of them has a new return: every decision needs every pair.
    """
    if j == k:
        return 1.0
    first, second, slot = books[min(j, k)]["risk"], books[max(j, k)]["risk"], max(j, k)
    known = first["n_returns"] + second["n_returns"] + 1
    if first["weighted_at"][slot] != known:
        scale = np.sqrt(first["variance"] * second["variance"])
        first["weighted"][slot] = min(max(first["covariance"][slot] / scale, -1.0), 1.0) if scale > 0.0 else 1.0
        first["weighted_at"][slot] = known
    found: float = first["weighted"][slot]
    return found


@kernel
def rolling_correlation(books: Table, j: int, k: int) -> float:
    """Return the correlation over the last returns that both instruments have, in [−1, 1]; NaN where they are too few.

    It is kept with the instrument of lower index, and estimated again every few bars.
    """
    if j == k:
        return 1.0
    first, second, slot = books[min(j, k)]["risk"], books[max(j, k)]["risk"], max(j, k)
    age = first["n_returns"] + 1 - first["rolling_at"][slot]
    if first["rolling_at"][slot] == 0 or age >= REFRESH_BARS:
        first["rolling"][slot] = _aligned_correlation(first, second)
        first["rolling_at"][slot] = first["n_returns"] + 1
    found: float = first["rolling"][slot]
    return found


@kernel
def _aligned_correlation(first: Row, second: Row) -> float:
    """Return Pearson's correlation over the newest returns with equal time stamps; walks both rings backwards."""
    a = first["n_returns"] - 1
    b = second["n_returns"] - 1
    oldest_a = max(a + 1 - LOOKBACK, 0)
    oldest_b = max(b + 1 - LOOKBACK, 0)
    count = 0
    sum_x = sum_y = sum_xx = sum_yy = sum_xy = 0.0
    while a >= oldest_a and b >= oldest_b and count < WINDOW:
        ts_a = first["return_ts"][a % LOOKBACK]
        ts_b = second["return_ts"][b % LOOKBACK]
        if ts_a == ts_b:
            x = first["returns"][a % LOOKBACK]
            y = second["returns"][b % LOOKBACK]
            count += 1
            sum_x += x
            sum_y += y
            sum_xx += x * x
            sum_yy += y * y
            sum_xy += x * y
        if ts_a >= ts_b:
            a -= 1
        if ts_b >= ts_a:
            b -= 1
    spread = (count * sum_xx - sum_x * sum_x) * (count * sum_yy - sum_y * sum_y)
    if count < FEWEST or not spread > 0.0:
        return np.nan
    return min(max((count * sum_xy - sum_x * sum_y) / np.sqrt(spread), -1.0), 1.0)


@kernel
def riskier_correlation(books: Table, j: int, k: int, same_side: bool) -> float:
    """Return the larger of both estimates for positions on the same side, the smaller for opposite ones.

    It is kept as the weighted correlation is.
    """
    if j == k:
        return 1.0
    first, second, slot = books[min(j, k)]["risk"], books[max(j, k)]["risk"], max(j, k)
    known = first["n_returns"] + second["n_returns"] + 1
    if first["riskier_at"][slot] != known:
        weighted = weighted_correlation(books, j, k)
        rolling = rolling_correlation(books, j, k)
        is_known = rolling == rolling
        first["together"][slot] = max(weighted, rolling) if is_known else weighted
        first["apart"][slot] = min(weighted, rolling) if is_known else weighted
        first["riskier_at"][slot] = known
    found: float = first["together"][slot] if same_side else first["apart"][slot]
    return found


@kernel
def other_positions(books: Table, index: int, worth: float) -> tuple[float, float, float]:
    """Return the part of the squared length of the vector of positions that those beside `index` make up.

    With signed shares of equity w and correlations C the length is √(wᵀCw) = √(x² + 2·x·cross + rest), x the position
    in `index`. Returns `rest`, `cross` where x is long, `cross` where it is short.
    """
    shares = scratch()
    for j in range(len(books)):
        shares[j] = share_of(books[j], worth)
    rest = cross_long = cross_short = 0.0
    for j in range(len(books)):
        weight = shares[j]
        if j == index or weight == 0.0:
            continue
        cross_long += weight * riskier_correlation(books, index, j, weight > 0.0)
        cross_short += weight * riskier_correlation(books, index, j, weight < 0.0)
        rest += weight * weight
        for k in range(j + 1, len(books)):  # each pair once: this is most of the work where many are held
            other = shares[k]
            if k != index and other != 0.0:
                rest += 2.0 * weight * other * riskier_correlation(books, j, k, weight * other > 0.0)
    return rest, cross_long, cross_short


@kernel
def share_of(book: Row, worth: float) -> float:
    """Return a position as a signed share of equity."""
    size = expected_notional(book) / worth
    return size if expected_lots(book) >= 0 else -size


@kernel
def room_within(length: float, rest: float, cross: float) -> float:
    """Return the largest x ≥ 0 with √(x² + 2·x·cross + rest) ≤ length; NaN where there is none."""
    root = cross * cross - rest + length * length
    if not root >= 0.0:
        return np.nan
    return np.sqrt(root) - cross
