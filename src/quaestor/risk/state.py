"""What the officer remembers, for the account and for each instrument."""

import numpy as np

from quaestor.domain.market import NANOSECONDS_PER_DAY

#: Returns kept for the historical value at risk (spec: 500 bars).
LOOKBACK = 500
#: One return in this many lies in the tail.
TAIL_SHARE = 20
#: Most instruments on one account (the correlation row of each instrument is a fixed array).
MAX_INSTRUMENTS = 16
#: Closes kept for the crash breaker.
RECENT = 64

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
        ("entries_today", "i8"),
        ("streak_base", "i8"),  # losing streak already served by a pause
        ("crash_until", "i8"),
        ("unknown_orders", "i8"),
        ("promised_gross", "i8"),  # quanta that entries in flight on other instruments will add, while one is judged
        ("promised_exposure", "i8"),
        ("promised_funds", "i8"),
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
        ("tail", "f8", (LOOKBACK // TAIL_SHARE + 1,)),  # room to find the tail's quantile in
        ("tail_age", "i8"),  # bars since the tail quantiles were estimated
        ("tail_down", "f8"),  # 5 % quantile of bar returns, as a positive loss
        ("tail_up", "f8"),  # 95 % quantile, the loss of a short
        ("variance", "f8"),  # exponentially weighted, of bar returns
        ("mean_abs", "f8"),  # exponentially weighted mean of |return|, outliers clipped: the robust scale
        ("covariance", "f8", (MAX_INSTRUMENTS,)),
        ("recent_ts", "i8", (RECENT,)),
        ("recent_close", "i8", (RECENT,)),
        ("n_recent", "i8"),
        ("stale_left", "i8"),  # bars that must arrive on time before trading goes on
        ("stop_distance", "i8"),  # ticks, of the entry being judged; 0: no stop
        ("promised_lots", "i8"),  # position once entries in flight have filled, while another instrument is judged
        ("promised_notional", "i8"),  # what that adds to the notional
        ("batch_bought", "i8"),  # lots let through so far in the batch being judged; 0 between batches
        ("batch_sold", "i8"),
        ("batch_ruled", "i8"),  # 1: the bounds below are this batch's; 0 between batches, as they are
        ("batch_lowest", "i8"),
        ("batch_highest", "i8"),
        ("batch_low_rule", "i8"),
        ("batch_high_rule", "i8"),
    ],
    align=True,
)

#: The officer's answer about one wanted target or order.
VERDICT = np.dtype(
    [
        ("verdict", "i1"),
        ("layer", "i1"),
        ("rule", "i2"),  # index in the catalog, -1: none
        ("wanted", "i8"),
        ("approved", "i8"),  # the nearest target that passes
        ("measured", "f8"),
        ("limit", "f8"),
    ],
    align=True,
)
