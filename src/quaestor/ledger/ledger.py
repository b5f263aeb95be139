"""Integer ledger: one settlement balance and one position an instrument, exact at every posting.

Identity, true after every call (checked by `imbalance`)::

    capital + realised - fees - funding  ==  cash + open_cost

where `open_cost` is the cost of open positions whose notional moved through cash (spot, equity). Perpetuals move only
profit, loss, fees and funding. Each posting rounds once, against the account: costs and fees up, proceeds down. A
partial close takes the floor of its share of the cost; the remainder stays with the open part.
"""

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Field, Row, Table, table
from quaestor.ledger.rows import NO_LIMIT, WHOLE_MAX
from quaestor.numeric.arithmetic import RATE_ONE, muldiv_ceil, muldiv_floor

LEDGER_TABLE = table(
    "ledger",
    "The account's balances.",
    Field("capital", "i8", "quanta", "put in from outside"),
    Field("cash", "i8", "quanta"),
    Field("realised", "i8", "quanta", "profit of closed positions, before fees and funding"),
    Field("fees", "i8", "quanta", "paid"),
    Field("funding", "i8", "quanta", "paid; negative when received"),
    Field("open_cost", "i8", "quanta", "of open positions whose notional moved through cash"),
    Field("reserved", "i8", "quanta", "margin, and proceeds of short sales, that cannot be spent"),
    Field("position_value", "i8", "quanta", "of open positions: equity less cash"),
    Field("gross", "i8", "quanta", "gross notional of open positions at the last mark"),
    Field("exposure", "i8", "quanta", "the same, but margin instead of notional for perpetuals"),
    Field("losing_streak", "i8", "trades", "round trips closed at a loss in a row"),
    Field("liquidations", "i8", "count"),
)
LEDGER = LEDGER_TABLE.dtype

POSITION_TABLE = table(
    "position",
    "One instrument's position, and the sums of its present round trip.",
    Field("lots", "i8", "lots", "signed"),
    Field("cost", "i8", "quanta", "signed: positive paid, negative received"),
    Field("reserved", "i8", "quanta", "margin, and proceeds of a short sale, of this position"),
    Field("value", "i8", "quanta", "contribution to equity at the last mark"),
    Field("notional", "i8", "quanta", "at the last mark, positive"),
    Field("exposure", "i8", "quanta", "at the last mark, see the ledger's"),
    Field("entry_ts", "i8", "ns"),
    Field("entry_decision", "i8", "number", "of the decision behind the entry"),
    Field("entry_lots", "i8", "lots", "opened so far"),
    Field("entry_value", "i8", "quanta", "of the lots opened"),
    Field("exit_value", "i8", "quanta", "of the lots closed"),
    Field("fee", "i8", "quanta"),
    Field("funding", "i8", "quanta"),
    Field("realised", "i8", "quanta", "before fees and funding"),
    Field("exit_side", "i8", "`Side`", "of the last round trip closed, until the policy has read it; else 0"),
    Field("exit_reason", "i8", "`Purpose`", "why it was closed; else 0"),
)
POSITION = POSITION_TABLE.dtype


@inlined
def value_floor(instrument: Row, lots: int, ticks: int) -> int:
    """Return the signed value of a position at a price, rounded down; negative for an inverse long (base owed)."""
    if instrument["inverse_numerator"] > 0:
        return muldiv_floor(-lots, instrument["inverse_numerator"], ticks)
    return lots * ticks * instrument["multiplier"]


@kernel
def cost_ceil(instrument: Row, lots: int, ticks: int) -> int:
    """Return the signed cost of trading `lots` at a price, rounded up."""
    if instrument["inverse_numerator"] > 0:
        return muldiv_ceil(-lots, instrument["inverse_numerator"], ticks)
    return lots * ticks * instrument["multiplier"]


@kernel
def notional(instrument: Row, lots: int, ticks: int) -> int:
    """Return the positive value of a quantity at a price."""
    return abs(value_floor(instrument, lots, ticks))


@kernel
def lots_for_value(instrument: Row, value: int, ticks: int) -> int:
    """Return the most lots whose notional is at most `value`; 0 for a value of 0 or less."""
    if value <= 0 or ticks <= 0:
        return 0
    if instrument["inverse_numerator"] > 0:
        if float(value) * float(ticks) / float(instrument["inverse_numerator"]) >= WHOLE_MAX:
            return NO_LIMIT
        return muldiv_floor(value, ticks, instrument["inverse_numerator"])
    return value // (ticks * instrument["multiplier"])


@kernel
def fee_for(value: int, rate: int) -> int:
    """Return the fee on a notional, rounded up (a rebate, which is negative, toward zero)."""
    return muldiv_ceil(value, rate, RATE_ONE)


@kernel
def fee_on(instrument: Row, lots: int, ticks: int, rate: int) -> int:
    """Return the fee on a fill of `lots` of either sign, with the notional too rounded against the account."""
    if rate < 0:
        return fee_for(abs(cost_ceil(instrument, abs(lots), ticks)), rate)
    return fee_for(notional(instrument, abs(lots), ticks), rate)


@kernel
def uses_margin(instrument: Row, lots: int) -> bool:
    """Return whether holding `lots` is margined: any perpetual, and a short sale of a borrowed asset."""
    return instrument["margined"] != 0 or lots < 0


@kernel
def affordable_lots(instrument: Row, funds: int, side: int, ticks: int, fee_rate: int) -> int:
    """Return the most lots that `funds` can open at a price, fee and (where margined) margin included."""
    if funds <= 0:
        return 0
    burden = RATE_ONE + fee_rate
    if uses_margin(instrument, side):
        burden = instrument["initial_margin_rate"] + fee_rate
    worth = float(funds) * RATE_ONE / float(burden)
    if worth >= WHOLE_MAX:
        return instrument["max_lots"]
    lots = lots_for_value(instrument, muldiv_floor(funds, RATE_ONE, burden), ticks)
    while lots > 0 and outlay(instrument, side * lots, ticks, fee_rate) > funds:
        lots -= 1
    return min(lots, instrument["max_lots"])


@kernel
def outlay(instrument: Row, lots: int, ticks: int, fee_rate: int) -> int:
    """Return the funds that opening a position takes: its cost, or its margin where it is margined, and the fee."""
    value = abs(cost_ceil(instrument, lots, ticks))
    fee = fee_on(instrument, lots, ticks, fee_rate)
    if uses_margin(instrument, lots):
        return muldiv_ceil(value, instrument["initial_margin_rate"], RATE_ONE) + fee
    return value + fee


@kernel
def available(ledger: Row) -> int:
    """Return the cash that is not reserved."""
    return ledger["cash"] - ledger["reserved"]


@inlined
def equity(ledger: Row) -> int:
    """Return cash plus the value of open positions at their last marks."""
    return ledger["cash"] + ledger["position_value"]


@inlined
def mark(ledger: Row, position: Row, instrument: Row, ticks: int) -> None:
    """Revalue one position at a price, and update the ledger's sums of value, gross and exposure."""
    worth = value_floor(instrument, position["lots"], ticks)
    contribution = worth - position["cost"] if instrument["margined"] != 0 else worth
    ledger["position_value"] += contribution - position["value"]
    position["value"] = contribution
    ledger["gross"] += abs(worth) - position["notional"]
    position["notional"] = abs(worth)
    exposure = position["reserved"] if instrument["margined"] != 0 else abs(worth)
    ledger["exposure"] += exposure - position["exposure"]
    position["exposure"] = exposure


@kernel
def _open(ledger: Row, position: Row, instrument: Row, lots: int, ticks: int) -> None:
    cost = cost_ceil(instrument, lots, ticks)
    position["lots"] += lots
    position["cost"] += cost
    position["entry_lots"] += abs(lots)
    position["entry_value"] += abs(cost)
    if instrument["margined"] == 0:
        ledger["cash"] -= cost
        ledger["open_cost"] += cost
    if uses_margin(instrument, lots):
        held = muldiv_ceil(abs(cost), instrument["initial_margin_rate"], RATE_ONE)
        if instrument["margined"] == 0:
            held += abs(cost)
        position["reserved"] += held
        ledger["reserved"] += held


@kernel
def _settle(ledger: Row, position: Row, instrument: Row, lots: int, cost: int) -> None:
    """Close `lots`, opposite in sign to the position, at a total signed `cost`."""
    size = abs(position["lots"])
    part = abs(lots)
    share = position["cost"] if part == size else muldiv_floor(position["cost"], part, size)
    freed = position["reserved"] if part == size else muldiv_floor(position["reserved"], part, size)
    profit = -cost - share
    position["lots"] += lots
    position["cost"] -= share
    position["reserved"] -= freed
    position["exit_value"] += abs(cost)
    position["realised"] += profit
    ledger["reserved"] -= freed
    ledger["realised"] += profit
    if instrument["margined"] != 0:
        ledger["cash"] += profit
    else:
        ledger["cash"] -= cost
        ledger["open_cost"] -= share


@kernel
def charge_fee(ledger: Row, position: Row, fee: int) -> None:
    """Post a fee (a rebate when negative)."""
    ledger["cash"] -= fee
    ledger["fees"] += fee
    position["fee"] += fee


@kernel
def charge_funding(ledger: Row, position: Row, instrument: Row, amount: int) -> None:
    """Post a funding payment (received when negative).

    The part that free cash cannot pay is taken from the position's margin, so that a later liquidation does not lose
    the same money twice.
    """
    ledger["cash"] -= amount
    ledger["funding"] += amount
    position["funding"] += amount
    short = min(ledger["reserved"] - ledger["cash"], margin_of(position, instrument))
    if amount > 0 and short > 0:
        position["reserved"] -= short
        ledger["reserved"] -= short


@kernel
def _close_trade(
    ledger: Row, position: Row, ts: int, decision: int, instrument_index: int, side: int, reason: int, trade: Row
) -> None:
    trade["instrument"] = instrument_index
    trade["side"] = side
    trade["reason"] = reason
    trade["entry_ts"] = position["entry_ts"]
    trade["exit_ts"] = ts
    trade["lots"] = position["entry_lots"]
    trade["entry_value"] = position["entry_value"]
    trade["exit_value"] = position["exit_value"]
    trade["fee"] = position["fee"]
    trade["funding"] = position["funding"]
    trade["pnl"] = position["realised"] - position["fee"] - position["funding"]
    trade["entry_decision"] = position["entry_decision"]
    trade["exit_decision"] = decision
    ledger["losing_streak"] = ledger["losing_streak"] + 1 if trade["pnl"] < 0 else 0
    position["exit_side"] = side
    position["exit_reason"] = reason
    position["entry_lots"] = 0
    position["entry_value"] = 0
    position["exit_value"] = 0
    position["fee"] = 0
    position["funding"] = 0
    position["realised"] = 0
    position["entry_ts"] = 0


@kernel
def post_fill(
    ledger: Row,
    position: Row,
    instrument: Row,
    index: int,
    lots: int,
    ticks: int,
    fee: int,
    ts: int,
    decision: int,
    reason: int,
    trades: Table,
    n_trades: int,
) -> int:
    """Post one fill: close, open the rest, charge the fee, revalue at the fill price; return the number of trades.

    A round trip that ends is written to `trades[n_trades]`.
    """
    held = position["lots"]
    side = 1 if held > 0 else -1
    closing = held != 0 and (held > 0) != (lots > 0)
    if not closing:
        if held == 0:
            position["entry_ts"] = ts
            position["entry_decision"] = decision
        _open(ledger, position, instrument, lots, ticks)
        charge_fee(ledger, position, fee)
    else:
        part = min(abs(lots), abs(held)) * (1 if lots > 0 else -1)
        _settle(ledger, position, instrument, part, cost_ceil(instrument, part, ticks))
        rest = lots - part
        fee_part = fee if rest == 0 else muldiv_floor(fee, abs(part), abs(lots))
        charge_fee(ledger, position, fee_part)
        if position["lots"] == 0:
            _close_trade(ledger, position, ts, decision, index, side, reason, trades[n_trades])
            n_trades += 1
        if rest != 0:
            position["entry_ts"] = ts
            position["entry_decision"] = decision
            _open(ledger, position, instrument, rest, ticks)
            charge_fee(ledger, position, fee - fee_part)
    mark(ledger, position, instrument, ticks)
    return n_trades


@kernel
def is_liquidated(position: Row, instrument: Row, ticks: int) -> bool:
    """Return whether isolated margin plus unrealised profit is at or below maintenance margin at a price."""
    if position["lots"] == 0 or not uses_margin(instrument, position["lots"]):
        return False
    worth = value_floor(instrument, position["lots"], ticks)
    left = margin_of(position, instrument) + worth - position["cost"]
    return left <= muldiv_ceil(abs(worth), instrument["maintenance_rate"], RATE_ONE)


@kernel
def margin_of(position: Row, instrument: Row) -> int:
    """Return the isolated margin posted for a position, without the locked proceeds of a short sale."""
    if instrument["margined"] != 0 or position["lots"] >= 0:
        return position["reserved"]
    return position["reserved"] + position["cost"]


@kernel
def post_liquidation(
    ledger: Row,
    position: Row,
    instrument: Row,
    index: int,
    ts: int,
    decision: int,
    reason: int,
    trades: Table,
    n_trades: int,
) -> int:
    """Post a liquidation at the bankruptcy price, which loses exactly the margin; return the number of trades."""
    lots = position["lots"]
    side = 1 if lots > 0 else -1
    lost = margin_of(position, instrument)
    _settle(ledger, position, instrument, -lots, lost - position["cost"])
    ledger["liquidations"] += 1
    _close_trade(ledger, position, ts, decision, index, side, reason, trades[n_trades])
    mark(ledger, position, instrument, 1)
    return n_trades + 1


@inlined
def imbalance(ledger: Row) -> int:
    """Return the violation of the ledger's identity in quanta: 0 while the books balance."""
    return (
        ledger["capital"]
        + ledger["realised"]
        - ledger["fees"]
        - ledger["funding"]
        - ledger["cash"]
        - ledger["open_cost"]
    )
