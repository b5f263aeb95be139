"""Codes: named integers of the fields of fixed-width rows. Kernels read IntEnum members as constants.

A released number keeps its meaning, since journals on disk hold it.
"""

from enum import IntEnum, IntFlag


class ContractKind(IntEnum):
    """Kind of a contract, by which a fill settles."""

    SPOT = 0  # the full notional moves through cash
    LINEAR = 1  # perpetual margined and settled in the quote asset
    INVERSE = 2  # perpetual worth a fixed amount of quote, settled in the base asset
    EQUITY = 3  # as spot, on a session calendar


class EventKind(IntEnum):
    """Kind of an event."""

    BAR = 0  # a bar has closed
    EXECUTION = 1  # the venue filled (part of) an order
    ACCEPTED = 2  # the venue acknowledged an order
    REJECTED = 3  # the venue refused an order
    CANCELLED = 4  # the venue cancelled or expired (the rest of) an order
    FUNDING = 5  # the venue charged (positive) or paid funding
    LIQUIDATION = 6  # the venue took the position over
    UNKNOWN = 7  # no answer about an order: no entries until the venue has reported its state
    COMMAND = 8  # an operator's command, see `Command`
    ALLOCATION = 9  # the weight of an instrument in the account, from now on


class Command(IntEnum):
    """Operator commands, which are events like any other."""

    PAUSE = 1  # no new entries
    RESUME = 2  # lifts a pause, never a kill
    KILL = 3  # cancel all, flatten, halt
    RESET = 4  # lifts a kill and every breaker but a pause and an unknown order; losses count from here


class Side(IntEnum):
    """Direction of an order."""

    BUY = 1
    SELL = -1


class OrderType(IntEnum):
    """Order types of the simulated venue on bars."""

    MARKET = 0
    LIMIT = 1
    STOP = 2  # becomes a market order when the trigger trades
    STOP_LIMIT = 3  # becomes a limit order when the trigger trades
    TAKE_PROFIT = 4  # market-if-touched on the favourable side


class TimeInForce(IntEnum):
    """Time in force of an order."""

    GTC = 0
    IOC = 1
    FOK = 2
    POST_ONLY = 3


class OrderStatus(IntEnum):
    """Status of an order; the legal transitions are in `ledger/order_table.py`."""

    NONE = 0
    PENDING = 1  # decided and journaled, not yet acknowledged
    ACCEPTED = 2
    TRIGGERED = 3  # a stop-limit whose trigger traded
    PARTIAL = 4
    CANCELLING = 5  # cancel requested
    UNKNOWN = 6  # outcome unknown, being queried
    FILLED = 7
    CANCELLED = 8
    REJECTED = 9
    EXPIRED = 10


class OrderAction(IntEnum):
    """Kind of a row of the order stream."""

    NEW = 1  # created and sent
    AMEND = 2  # trigger moved
    CANCEL = 3  # cancel requested
    FILL = 4
    CANCELLED = 5
    REJECTED = 6
    EXPIRED = 7
    UNKNOWN = 8
    FUNDING = 9  # no order: `fee` is the funding paid
    LIQUIDATION = 10  # no order: the venue took the position over


class Refusal(IntEnum):
    """Reason for which an order ended without being filled whole."""

    NONE = 0
    TABLE_FULL = 1
    NOT_REDUCING = 2  # reduce-only without a position to reduce
    NO_CASH = 3
    MIN_NOTIONAL = 4
    WOULD_TAKE = 5  # post-only that would have traded at once
    IMMEDIATE = 6  # what an IOC did not fill at once, or a FOK that could not be filled whole
    SIBLING_FILLED = 7
    POSITION_CLOSED = 8
    REPLACED = 9
    KILLED = 10
    ILLEGAL = 11  # no lots, or no price where one is needed
    OFFICER = 12  # the risk officer's check of the order itself
    PRICE_BAND = 13  # a limit too far from the last price
    VENUE = 14  # the venue rejected it


class Purpose(IntEnum):
    """Purpose of an order, which is also the exit reason of the trade that it closes."""

    NONE = 0
    ENTRY = 1
    SIGNAL_EXIT = 2
    STOP_LOSS = 3
    TAKE_PROFIT = 4
    TRAILING_STOP = 5
    LIQUIDATION = 6
    KILL = 7
    RISK_REDUCE = 8
    END_OF_DATA = 9
    REVERSAL = 10
    TIME_STOP = 11
    SIGNAL_REVERSAL = 12  # closed by the exit of that name while the policy would have held


class Abstention(IntEnum):
    """Reason for which a trained model takes no position."""

    NONE = 0  # it takes one
    NOT_READY = 1  # a feature is not yet defined, or no model has an opinion
    EDGE_BELOW_COST = 2  # the lower bound of the expected edge does not exceed the cost of trading
    MODELS_DISAGREE = 3
    NOT_CONFIRMED = 4  # the opinion is too new, or changes direction too often
    THIN_VOLUME = 5
    LOW_CONFIDENCE = 6
    SIDE_NOT_ALLOWED = 7  # short positions are not allowed
    DRIFTED = 8  # the drift response has stopped it


class Verdict(IntEnum):
    """Verdict of the risk officer."""

    NONE = 0  # no target was judged
    ALLOW = 1
    SHRINK = 2
    VETO = 3


class Layer(IntEnum):
    """Seven layers of the risk officer; 0 is the account itself (cash, venue rules)."""

    ACCOUNT = 0
    POSITION = 1
    EXPOSURE = 2
    VAR = 3
    DRAWDOWN = 4
    VOLATILITY = 5
    CORRELATION = 6
    EMERGENCY = 7


#: Index of a rule where none bound.
NO_RULE = -1


class Breaker(IntFlag):
    """Circuit breakers; while any bit is set there are no new entries."""

    NONE = 0
    KILLED = 1 << 0  # until an operator's RESET
    PAUSED = 1 << 1  # until an operator's RESUME
    DAILY_LOSS = 1 << 2  # until the next UTC day
    WEEKLY_LOSS = 1 << 3  # until the next UTC week
    LOSING_STREAK = 1 << 4  # until the next UTC day
    DRAWDOWN = 1 << 5  # while the drawdown is beyond its limit
    CRASH = 1 << 6  # for a cool-down after the crash
    STALE = 1 << 7  # until data has arrived on time again
    UNKNOWN_ORDER = 1 << 8  # until the venue has answered
    TRAILING_DRAWDOWN = 1 << 9  # while the fall from the highest equity of the last days is beyond its limit
    SPREAD = 1 << 10  # while the spread at the last bar is beyond its limit


class Regime(IntEnum):
    """Market states."""

    NORMAL = 0
    VOLATILE = 1
    TRENDING = 2
    CRASH = 3
    BULL_RUN = 4
    RECOVERY = 5


class Quality(IntFlag):
    """Findings of the quality gate. Bars with a bit of `QUARANTINE` reach neither features nor decisions."""

    OK = 0
    NOT_FINITE = 1 << 0
    IMPOSSIBLE_OHLC = 1 << 1  # high below low, or open/close outside [low, high]
    NOT_POSITIVE = 1 << 2
    NEGATIVE_VOLUME = 1 << 3
    OUT_OF_ORDER = 1 << 4
    DUPLICATE = 1 << 5
    MISALIGNED = 1 << 8  # flags from here on inform: the bar is used
    GAP_BEFORE = 1 << 9
    ZERO_VOLUME = 1 << 10
    JUMP = 1 << 11
    STALE = 1 << 12  # the same four prices too many bars in a row
    VOLUME_SPIKE = 1 << 13
    INCOMPLETE = 1 << 14  # a resampled bar that lacks base bars


#: Flags of bars that are set aside with their reason.
QUARANTINE = int(
    Quality.NOT_FINITE
    | Quality.IMPOSSIBLE_OHLC
    | Quality.NOT_POSITIVE
    | Quality.NEGATIVE_VOLUME
    | Quality.OUT_OF_ORDER
    | Quality.DUPLICATE
)


def flag_names(flags: type[IntFlag], bits: int) -> list[str]:
    """Return the names of the flags that are set, in lower case and in the order of their declaration.

    Example:
        >>> flag_names(Breaker, int(Breaker.KILLED | Breaker.DRAWDOWN))
        ['killed', 'drawdown']
    """
    return [str(flag.name).lower() for flag in flags if bits & flag]
