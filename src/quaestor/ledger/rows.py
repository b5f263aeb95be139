"""Fixed-width rows exchanged between modules: events in, decisions and order rows out, orders, instruments.

All money is in quanta of the settlement asset, prices in ticks, quantities in lots, rates in units of 1e-8, times in
int64 nanoseconds UTC.
"""

from quaestor.jit.tables import Field, table

#: Bound that never binds; also the largest quantity of an order.
NO_LIMIT = 2**62
#: Floats from here on are replaced by `NO_LIMIT`, not converted to integers: below it by more than a float's rounding,
#: and far below 2**63, where int64 wraps.
WHOLE_MAX = 4.0e18

EVENT_TABLE = table(
    "event",
    "Event that the engine processes.",
    Field("ts", "i8", "ns", "when it became known: a bar's close, a venue's time stamp"),
    Field("open_ts", "i8", "ns", "bars: open time"),
    Field("instrument", "i4", "index", "of the account"),
    Field("flags", "u4", "`Quality`", "bars: what the quality gate found, as bits"),
    Field("kind", "i1", "`EventKind`", "kind of event"),
    Field("regime", "i1", "`Regime`", "bars: state of the market"),
    Field("code", "i2", "code", "by kind: `Command`, `Purpose`, `Refusal`, or of executions 1 for a maker"),
    Field("child", "i4", "0 or 1", "executions: 1 when the order had a bracket that is now active"),
    Field("open", "i8", "ticks"),
    Field("high", "i8", "ticks"),
    Field("low", "i8", "ticks"),
    Field("close", "i8", "ticks"),
    Field("volume", "i8", "lots"),
    Field("funding_rate", "i8", "1e-8", "settles at `open_ts`, before any fill of the bar"),
    Field("funding_rate_inside", "i8", "1e-8", "sum of what settles inside the bar, after the fills at its open"),
    Field("funding_mark", "i8", "ticks", "mark price at the settlement"),
    Field("signal", "f8", "[-1, 1]", "ensemble: direction × strength; NaN: no opinion yet"),
    Field("confidence", "f8", "[0, 1]", "of the ensemble"),
    Field(
        "edge", "f8", "fraction", "expected gain of the favoured direction after costs, of the notional; NaN: unknown"
    ),
    Field("edge_error", "f8", "fraction", "its standard error"),
    Field("edge_bars", "f8", "bars", "that it is expected over"),
    Field("atr", "f8", "ticks", "average true range; NaN in warm-up"),
    Field("spread", "f8", "ticks", "best ask less best bid at the close; NaN where the book is not known"),
    Field("support", "f8", "ticks", "nearest level at or below the close; NaN: none known, or no exit needs it"),
    Field("resistance", "f8", "ticks", "nearest level above the close; NaN as for `support`"),
    Field("order_id", "i8", "id", "order that the venue's message is about"),
    Field("lots", "i8", "lots", "executions: signed"),
    Field("price", "i8", "ticks", "executions"),
    Field("amount", "i8", "quanta", "executions: fee; funding: amount paid; allocation: weight in 1e-8"),
)
EVENT = EVENT_TABLE.dtype

ORDER_TABLE = table(
    "order",
    "One order, in the engine's table and in the venue's.",
    Field("id", "i8", "id", "the two after it belong to the legs of its bracket"),
    Field("sibling", "i8", "id", "the other leg of a one-cancels-other pair, 0: none"),
    Field("instrument", "i4", "index", "of the account"),
    Field("side", "i1", "`Side`"),
    Field("type", "i1", "`OrderType`"),
    Field("tif", "i1", "`TimeInForce`"),
    Field("status", "i1", "`OrderStatus`"),
    Field("purpose", "i1", "`Purpose`"),
    Field("reduce_only", "i1", "0 or 1"),
    Field("resting", "i1", "0 or 1", '1 once a bar has passed over it: no longer "marketable on arrival"'),
    Field("lots", "i8", "lots", "positive"),
    Field("filled", "i8", "lots", "of them, so far"),
    Field("limit", "i8", "ticks", "0: none"),
    Field("trigger", "i8", "ticks", "0: none"),
    Field("created_ts", "i8", "ns"),
    Field("active_ts", "i8", "ns", "when it reaches the venue"),
    Field("bracket_stop", "i8", "ticks", "distance from the fill price of a stop to attach, 0: none"),
    Field("bracket_target", "i8", "ticks", "the same of a target"),
)
ORDER = ORDER_TABLE.dtype

ORDER_EVENT_TABLE = table(
    "order event",
    "Change of an order: a row of the order stream.",
    Field("ts", "i8", "ns"),
    Field("decision", "i8", "number", "of the decision that it belongs to"),
    Field("action", "i1", "`OrderAction`", "what happened"),
    Field("reason", "i1", "`Refusal`", "why an order ended without being filled whole"),
    Field("maker", "i1", "0 or 1", "fills"),
    Field("lots", "i8", "lots", "fills: signed; funding: the position; liquidation: lots that close it"),
    Field("price", "i8", "ticks", "fills: price; amendments: the new trigger"),
    Field("fee", "i8", "quanta", "fills: fee; funding: amount paid"),
    Field("order", ORDER_TABLE, "", "as it stands after the action"),
)
ORDER_EVENT = ORDER_EVENT_TABLE.dtype

TRADE_TABLE = table(
    "trade",
    "A round trip, from flat to flat.",
    Field("instrument", "i4", "index", "of the account"),
    Field("side", "i1", "`Side`", "of the entry"),
    Field("reason", "i1", "`Purpose`", "of the closing order"),
    Field("entry_ts", "i8", "ns"),
    Field("exit_ts", "i8", "ns"),
    Field("lots", "i8", "lots", "total opened"),
    Field("entry_value", "i8", "quanta", "positive"),
    Field("exit_value", "i8", "quanta", "positive"),
    Field("fee", "i8", "quanta", "of all its fills"),
    Field("funding", "i8", "quanta", "paid; negative when received"),
    Field("pnl", "i8", "quanta", "net of fees and funding"),
    Field("entry_decision", "i8", "number", "of the decision behind the entry"),
    Field("exit_decision", "i8", "number", "of the decision behind the exit"),
)
TRADE = TRADE_TABLE.dtype

INSTRUMENT_TABLE = table(
    "instrument",
    "Rules of an instrument in integers, from `domain.instrument.Instrument` by `engine.settings`.",
    Field("kind", "i4", "`ContractKind`"),
    Field("shortable", "i1", "0 or 1"),
    Field("margined", "i1", "0 or 1"),
    Field("multiplier", "i8", "quanta", "per tick and lot"),
    Field("inverse_numerator", "i8", "quanta × ticks", "inverse contracts: worth of a lot times its price; else 0"),
    Field("maker_rate", "i8", "1e-8"),
    Field("taker_rate", "i8", "1e-8"),
    Field("initial_margin_rate", "i8", "1e-8", "1 / leverage"),
    Field("maintenance_rate", "i8", "1e-8"),
    Field("min_notional", "i8", "quanta"),
    Field("max_lots", "i8", "lots", "of one order"),
    Field("interval_ns", "i8", "ns", "length of a bar"),
    Field("same_asset", "i8", "bits", "bit k: instrument k of the account has the same base; its own bit is set"),
)
INSTRUMENT = INSTRUMENT_TABLE.dtype

DECISION_TABLE = table(
    "decision",
    "One decision: written for every bar, whether or not anything was traded.",
    Field("number", "i8", "number", "from 0"),
    Field("ts", "i8", "ns", "close of the bar"),
    Field("instrument", "i4", "index", "of the account"),
    Field("flags", "u4", "`Quality`", "of the bar, as bits"),
    Field("breakers", "u4", "`Breaker`", "that are tripped, as bits"),
    Field("regime", "i1", "`Regime`"),
    Field("verdict", "i1", "`Verdict`"),
    Field("rule", "i1", "index", "of the binding rule in the risk officer's catalog, -1: none"),
    Field("layer", "i1", "`Layer`", "of that rule"),
    Field("orders", "i4", "count", "orders that the decision added to the order stream"),
    Field("sizer", "i1", "index", "1 + index of the sizer whose size was the smallest, 0: nothing was sized"),
    Field("close", "i8", "ticks"),
    Field("signal", "f8", "[-1, 1]", "as in the event"),
    Field("confidence", "f8", "[0, 1]", "as in the event"),
    Field("position", "i8", "lots", "held at the decision"),
    Field("target", "i8", "lots", "target of the policy"),
    Field("approved_target", "i8", "lots", "target after the officer"),
    Field("measured", "f8", "the rule's", "the binding rule's figure for the target"),
    Field("limit", "f8", "the rule's", "its limit"),
    Field("equity", "i8", "quanta"),
    Field("cash", "i8", "quanta"),
    Field("first_order", "i8", "id", "of the first order that it created, 0: none"),
)
DECISION = DECISION_TABLE.dtype
