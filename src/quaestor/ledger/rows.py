"""Fixed-width rows that cross a seam: events in, decisions and order rows out, orders, instruments.

All money is in quanta of the settlement asset, prices in ticks, quantities in lots, rates in units of 1e-8, times in
int64 nanoseconds UTC.
"""

from quaestor.jit.tables import record

#: A bound that never binds; also the largest quantity any order may ask for.
NO_LIMIT = 2**62

#: One thing that happened, as the engine takes it in.
EVENT = record(
    [
        ("ts", "i8"),  # when it became known: a bar's close, a venue's time stamp
        ("open_ts", "i8"),  # bars: open time
        ("instrument", "i4"),
        ("flags", "u4"),  # bars: Quality bits
        ("kind", "i1"),  # EventKind
        ("regime", "i1"),  # Regime
        ("code", "i2"),  # Command, Purpose or OrderStatus, by kind
        ("child", "i4"),  # executions: 1 when the order carried a bracket that is now active
        ("open", "i8"),
        ("high", "i8"),
        ("low", "i8"),
        ("close", "i8"),
        ("volume", "i8"),  # lots
        ("funding_rate", "i8"),  # settles at open_ts, before any fill of the bar
        ("funding_rate_inside", "i8"),  # sum of what settles inside the bar, after the fills at its open
        ("funding_mark", "i8"),  # ticks
        ("signal", "f8"),  # ensemble: direction × strength in [-1, 1], NaN: no opinion yet
        ("confidence", "f8"),  # [0, 1]
        (
            "edge",
            "f8",
        ),  # expected gain of the favoured direction after costs, as a fraction of the notional, NaN: unknown
        ("edge_error", "f8"),  # its standard error
        ("edge_bars", "f8"),  # the bars that it is expected over
        ("atr", "f8"),  # average true range in ticks, NaN in warm-up
        ("spread", "f8"),  # best ask less best bid in ticks at the close, NaN where the book is not known
        ("support", "f8"),  # nearest level at or below the close in ticks, NaN: none known, or no exit asks for it
        ("resistance", "f8"),  # nearest level above the close
        ("order_id", "i8"),
        ("lots", "i8"),  # executions: signed
        ("price", "i8"),  # executions: ticks
        ("amount", "i8"),  # executions: fee; funding: what was paid; liquidation: what was lost; allocation: weight
    ]
)

#: One order, in the engine's table and in the venue's.
ORDER = record(
    [
        ("id", "i8"),
        ("sibling", "i8"),  # the other leg of a one-cancels-other pair, 0: none
        ("instrument", "i4"),
        ("side", "i1"),  # Side
        ("type", "i1"),  # OrderType
        ("tif", "i1"),  # TimeInForce
        ("status", "i1"),  # OrderStatus
        ("purpose", "i1"),  # Purpose
        ("reduce_only", "i1"),
        ("resting", "i1"),  # 1 once a bar has passed over it: no longer "marketable on arrival"
        ("lots", "i8"),
        ("filled", "i8"),
        ("limit", "i8"),  # ticks, 0: none
        ("trigger", "i8"),  # ticks, 0: none
        ("created_ts", "i8"),
        ("active_ts", "i8"),  # the venue sees it from here on
        ("bracket_stop", "i8"),  # distance in ticks from the fill price of a stop to attach, 0: none
        ("bracket_target", "i8"),
    ]
)

#: What happened to an order; `OrderAction` says what.
ORDER_EVENT = record(
    [
        ("ts", "i8"),
        ("decision", "i8"),  # number of the decision that it belongs to
        ("action", "i1"),  # OrderAction
        ("reason", "i1"),  # Refusal
        ("maker", "i1"),
        ("lots", "i8"),  # fills: signed
        ("price", "i8"),  # fills: ticks
        ("fee", "i8"),
        ("order", ORDER),  # as it stands after the action
    ]
)

#: A round trip, from flat to flat.
TRADE = record(
    [
        ("instrument", "i4"),
        ("side", "i1"),
        ("reason", "i1"),  # Purpose of the closing order
        ("entry_ts", "i8"),
        ("exit_ts", "i8"),
        ("lots", "i8"),  # total opened
        ("entry_value", "i8"),  # quanta, positive
        ("exit_value", "i8"),
        ("fee", "i8"),
        ("funding", "i8"),
        ("pnl", "i8"),  # net of fees and funding
        ("entry_decision", "i8"),
        ("exit_decision", "i8"),
    ]
)

#: Rules of an instrument, as kernels see them; made from `domain.instrument.Instrument` by `engine.pack`.
INSTRUMENT = record(
    [
        ("kind", "i4"),  # ContractKind
        ("shortable", "i1"),
        ("margined", "i1"),
        ("multiplier", "i8"),  # quanta per tick and lot
        ("inverse_numerator", "i8"),  # inverse contracts; 0 otherwise
        ("maker_rate", "i8"),
        ("taker_rate", "i8"),
        ("initial_margin_rate", "i8"),  # 1 / leverage
        ("maintenance_rate", "i8"),
        ("min_notional", "i8"),  # quanta
        ("max_lots", "i8"),
        ("interval_ns", "i8"),
        ("same_asset", "i8"),  # bit k: instrument k of the account has the same base; its own bit is set
    ]
)

#: One decision: written for every bar, whatever it says.
DECISION = record(
    [
        ("number", "i8"),
        ("ts", "i8"),
        ("instrument", "i4"),
        ("flags", "u4"),
        ("breakers", "u4"),
        ("regime", "i1"),
        ("verdict", "i1"),  # Verdict
        ("rule", "i1"),  # index of the binding rule in the gate's catalog, -1: none
        ("layer", "i1"),  # Layer of that rule
        ("orders", "i4"),  # rows this decision added to the order stream
        ("sizer", "i1"),  # 1 + index in the catalog of the sizer whose size was the smallest, 0: nothing was sized
        ("close", "i8"),
        ("signal", "f8"),
        ("confidence", "f8"),
        ("position", "i8"),  # lots held at the decision
        ("target", "i8"),  # target of the policy
        ("approved_target", "i8"),  # target after the officer
        ("measured", "f8"),  # the binding rule's figure for the target
        ("limit", "f8"),
        ("equity", "i8"),
        ("cash", "i8"),
        ("first_order", "i8"),  # id of the first order that it created, 0: none
    ]
)
