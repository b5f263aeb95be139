"""Risk state: the officer's memory of the account and of each instrument, and the record of a verdict."""

from quaestor.domain.bars import NANOSECONDS_PER_DAY
from quaestor.jit.tables import Field, table
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

RISK_ACCOUNT_TABLE = table(
    "risk state of the account",
    "What the officer remembers of the account.",
    Field("breakers", "i8", "`Breaker`", "that are tripped, as bits"),
    Field("n_books", "i8", "count", "of instruments"),
    Field("day", "i8", "days", "UTC day of the last bar since 1970, -1: none yet"),
    Field("week", "i8", "weeks", "UTC week of the last bar, -1: none yet"),
    Field("day_equity", "i8", "quanta", "equity when the day began"),
    Field("week_equity", "i8", "quanta", "equity when the week began"),
    Field("peak_equity", "i8", "quanta", "highest ever"),
    Field("last_equity", "i8", "quanta", "at the end of the last bar"),
    Field("today_peak", "i8", "quanta", "highest of the day"),
    Field("window_peak", "i8", "quanta", f"highest of the last {WINDOW_DAYS} days"),
    Field(
        "day_peaks",
        "i8",
        "quanta",
        "by day modulo the window; today's and those of days without a bar are 0",
        (WINDOW_DAYS,),
    ),
    Field("entries_today", "i8", "orders"),
    Field("streak_base", "i8", "trades", "losing streak already served by a pause"),
    Field("crash_until", "i8", "ns", "end of the cool-down after a crash"),
    Field("unknown_orders", "i8", "orders", "whose outcome is not known"),
    Field("in_flight_gross", "i8", "quanta", "that entries in flight elsewhere will add, while one is judged"),
    Field("in_flight_exposure", "i8", "quanta", "the same, of the exposure"),
    Field("in_flight_funds", "i8", "quanta", "that they will take"),
    Field("decisions", "i8", "count"),
    Field("vetoes", "i8", "count"),
    Field("shrinks", "i8", "count"),
)
RISK_ACCOUNT = RISK_ACCOUNT_TABLE.dtype

RISK_BOOK_TABLE = table(
    "risk state of an instrument",
    "What the officer remembers of one instrument.",
    Field("last_ts", "i8", "ns", "close time of the last good bar"),
    Field("last_close", "i8", "ticks"),
    Field("last_return", "f8", "fraction"),
    Field("n_returns", "i8", "count", "of returns so far"),
    Field("returns", "f8", "fraction", "a ring of the last ones", (LOOKBACK,)),
    Field("return_ts", "i8", "ns", "when each was known", (LOOKBACK,)),
    Field("tail", "f8", "fraction", "room to find the tail's quantile in", (LOOKBACK // TAIL_SHARE + 1,)),
    Field("tail_age", "i8", "bars", "since the tail quantiles were estimated"),
    Field("tail_down", "f8", "fraction", "5 % quantile of bar returns, as a positive loss"),
    Field("tail_up", "f8", "fraction", "95 % quantile, the loss of a short"),
    Field("shortfall_down", "f8", "fraction", "mean loss beyond `tail_down`"),
    Field("shortfall_up", "f8", "fraction", "mean loss beyond `tail_up`"),
    Field("variance", "f8", "fraction²", "exponentially weighted, of bar returns"),
    Field("range_variance", "f8", "fraction²", "from how far each bar went (Parkinson, Garman–Klass)"),
    Field("volume", "f8", "lots", "exponentially weighted, of a bar"),
    Field("mean_abs", "f8", "fraction", "exponentially weighted mean of |return|, outliers clipped: the robust scale"),
    Field("covariance", "f8", "fraction²", "with each instrument, exponentially weighted", (MAX_INSTRUMENTS,)),
    Field(
        "rolling", "f8", "[-1, 1]", "correlation over a window, with instruments of higher index", (MAX_INSTRUMENTS,)
    ),
    Field("rolling_at", "i8", "count", "returns known when it was estimated, plus 1; 0: never", (MAX_INSTRUMENTS,)),
    Field("weighted", "f8", "[-1, 1]", "exponentially weighted correlation, as of `weighted_at`", (MAX_INSTRUMENTS,)),
    Field("weighted_at", "i8", "count", "returns known of both, plus 1; 0: never", (MAX_INSTRUMENTS,)),
    Field("together", "f8", "[-1, 1]", "correlation that counts for positions on one side", (MAX_INSTRUMENTS,)),
    Field("apart", "f8", "[-1, 1]", "and on opposite sides", (MAX_INSTRUMENTS,)),
    Field("riskier_at", "i8", "count", "as `weighted_at`, of `together` and `apart`", (MAX_INSTRUMENTS,)),
    Field("recent_ts", "i8", "ns", "a ring of the last closes", (RECENT,)),
    Field("recent_close", "i8", "ticks", "those closes", (RECENT,)),
    Field("n_recent", "i8", "count", "of closes so far"),
    Field("stale_left", "i8", "bars", "that must arrive on time before trading goes on"),
    Field("spread", "f8", "ticks", "of the last bar; 0: not known"),
    Field("spread_median", "f8", "ticks", "of the bars before it; 0: too few"),
    Field("spreads", sorted_dtype(SPREADS), "ticks", "the last ones, sorted", (1,)),
    Field("stop_distance", "i8", "ticks", "of the entry being judged; 0: no stop"),
    Field("stop_level", "i8", "ticks", "trigger of the stop of what is held; 0: none"),
    Field(
        "in_flight_lots", "i8", "lots", "held once entries in flight have filled, while another instrument is judged"
    ),
    Field("in_flight_notional", "i8", "quanta", "what that adds to the notional"),
    Field("in_flight_exposure", "i8", "quanta", "and to the exposure"),
    Field("batch_bought", "i8", "lots", "let through so far in the batch being judged; 0 between batches"),
    Field("batch_sold", "i8", "lots", "the same of sells, negative"),
)
RISK_BOOK = RISK_BOOK_TABLE.dtype

VERDICT_TABLE = table(
    "verdict",
    "The officer's answer about one target or order.",
    Field("verdict", "i1", "`Verdict`"),
    Field("layer", "i1", "`Layer`", "of the binding rule"),
    Field("rule", "i2", "index", "of the binding rule in the catalog, -1: none"),
    Field("target", "i8", "lots", "what was asked for"),
    Field("approved_target", "i8", "lots", "the nearest target that passes"),
    Field("measured", "f8", "the rule's", "the binding rule's figure for the target"),
    Field("limit", "f8", "the rule's", "its limit"),
)
VERDICT = VERDICT_TABLE.dtype
