"""US equity session: minutes since New York's open, and whether the exchange is open."""

from quaestor.features.indicators.time.stamped import Stamps, timestamp_feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.calendar import DAY_NS, MINUTE_NS, new_york_offset_ns, weekday

_OPENING_NS = (9 * 60 + 30) * MINUTE_NS
_LENGTH_NS = (6 * 60 + 30) * MINUTE_NS


@kernel
def advance_us_session(state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the minutes since 09:30 in New York, and 1 while the exchange is open, otherwise 0."""
    for k in range(i, n):
        local = ts[k] + new_york_offset_ns(ts[k])
        since = local % DAY_NS - _OPENING_NS
        out[0, k] = float(since) / MINUTE_NS
        out[1, k] = 1.0 if 0 <= since < _LENGTH_NS and weekday(local // DAY_NS) < 5 else 0.0


US_SESSION = timestamp_feature(
    "us_session",
    advance_us_session,
    "`minutes` since 09:30 in New York on the local day, in [−570, 870); `open`: 1 from 09:30 to 16:00 on Monday to "
    "Friday, holidays included, else 0. Daylight-saving time by the rules from 1987 and from 2007.",
    "minutes, flag",
    "NYSE Rule 51, hours for business; Energy Policy Act of 2005, section 110",
    ("minutes", "open"),
)
