"""What the officer remembers, for the account and for each instrument."""

import numpy as np

from quaestor.domain.bars import NANOSECONDS_PER_DAY
from quaestor.numeric.sorted_window import sorted_dtype

#: Returns kept for the historical value at risk (spec: 500 bars).
LOOKBACK = 500
#: One return in this many lies in the tail.
TAIL_SHARE = 20
#: Most instruments on one account (the correlation row of each instrument is a fixed array).
MAX_INSTRUMENTS = 16
#: Closes kept for the crash breaker.
RECENT = 64
#: Days, today among them, whose highest equity the trailing drawdown falls from.
WINDOW_DAYS = 30
#: Spreads whose median is the usual one.
SPREADS = 101

DAY_NS = NANOSECONDS_PER_DAY
WEEK_NS = 7 * NANOSECONDS_PER_DAY
#: 1970-01-01 was a Thursday; weeks start on Monday.
WEEK_OFFSET_NS = 3 * NANOSECONDS_PER_DAY

#: Account-wide state.
RISK_ACCOUNT = np.dtype(
    [
        ("breakers", "i8"),  # bits of `Breaker`
        ("n_books", "i8"),
        ("day", "i8"),
        ("week", "i8"),
        ("day_equity", "i8"),  # equity when the day began
        ("week_equity", "i8"),
        ("peak_equity", "i8"),
        ("last_equity", "i8"),  # at the end of the last bar
        ("today_peak", "i8"),
        ("window_peak", "i8"),  # highest equity of the last WINDOW_DAYS
        ("day_peaks", "i8", (WINDOW_DAYS,)),  # by day modulo the window; today's and those of days without a bar are 0
        ("entries_today", "i8"),
        ("streak_base", "i8"),  # losing streak already served by a pause
        ("crash_until", "i8"),
        ("unknown_orders", "i8"),
        ("in_flight_gross", "i8"),  # quanta that entries in flight on other instruments will add, while one is judged
        ("in_flight_exposure", "i8"),
        ("in_flight_funds", "i8"),
        ("decisions", "i8"),
        ("vetoes", "i8"),
        ("shrinks", "i8"),
    ],
    align=True,
)

#: State of one instrument.
RISK_BOOK = np.dtype(
    [
        ("last_ts", "i8"),  # close time of the last good bar
        ("last_close", "i8"),
        ("last_return", "f8"),
        ("n_returns", "i8"),
        ("returns", "f8", (LOOKBACK,)),
        ("return_ts", "i8", (LOOKBACK,)),  # when each was known
        ("tail", "f8", (LOOKBACK // TAIL_SHARE + 1,)),  # room to find the tail's quantile in
        ("tail_age", "i8"),  # bars since the tail quantiles were estimated
        ("tail_down", "f8"),  # 5 % quantile of bar returns, as a positive loss
        ("tail_up", "f8"),  # 95 % quantile, the loss of a short
        ("shortfall_down", "f8"),  # mean loss beyond those quantiles
        ("shortfall_up", "f8"),
        ("variance", "f8"),  # exponentially weighted, of bar returns
        ("range_variance", "f8"),  # the same, from how far each bar went (Parkinson, Garman–Klass)
        ("volume", "f8"),  # exponentially weighted lots a bar
        ("mean_abs", "f8"),  # exponentially weighted mean of |return|, outliers clipped: the robust scale
        ("covariance", "f8", (MAX_INSTRUMENTS,)),
        ("rolling", "f8", (MAX_INSTRUMENTS,)),  # correlation over a window, with instruments of higher index
        ("rolling_at", "i8", (MAX_INSTRUMENTS,)),  # returns known when it was estimated, plus 1; 0: never
        ("weighted", "f8", (MAX_INSTRUMENTS,)),  # exponentially weighted correlation with them, as of `weighted_at`
        ("weighted_at", "i8", (MAX_INSTRUMENTS,)),  # returns known of both together, plus 1; 0: never
        ("together", "f8", (MAX_INSTRUMENTS,)),  # correlation that counts for positions on the same side
        ("apart", "f8", (MAX_INSTRUMENTS,)),  # and on opposite sides
        ("riskier_at", "i8", (MAX_INSTRUMENTS,)),  # as `weighted_at`, of both
        ("recent_ts", "i8", (RECENT,)),
        ("recent_close", "i8", (RECENT,)),
        ("n_recent", "i8"),
        ("stale_left", "i8"),  # bars that must arrive on time before trading goes on
        ("spread", "f8"),  # of the last bar, in ticks; 0: not known
        ("spread_median", "f8"),  # of the bars before it; 0: too few
        ("spreads", sorted_dtype(SPREADS), (1,)),
        ("stop_distance", "i8"),  # ticks, of the entry being judged; 0: no stop
        ("stop_level", "i8"),  # trigger of the stop of what is held; 0: none
        ("in_flight_lots", "i8"),  # position once entries in flight have filled, while another instrument is judged
        ("in_flight_notional", "i8"),  # what that adds to the notional
        ("in_flight_exposure", "i8"),  # and to the exposure
        ("batch_bought", "i8"),  # lots let through so far in the batch being judged; 0 between batches
        ("batch_sold", "i8"),
    ],
    align=True,
)

#: The officer's answer about one target or order.
VERDICT = np.dtype(
    [
        ("verdict", "i1"),
        ("layer", "i1"),
        ("rule", "i2"),  # index in the catalog, -1: none
        ("target", "i8"),
        ("approved_target", "i8"),  # the nearest target that passes
        ("measured", "f8"),
        ("limit", "f8"),
    ],
    align=True,
)
