"""Assumed instrument: the default grid of a symbol that no table holds, fixed before the run, reported and journaled.

Ticks are never inferred from the prices of a series (that would look ahead), nor lots from its volumes. Only the
power of ten of one price known before the first decision, the first open, scales the grid, because no single grid
spans both BTCUSDT and SHIBUSDT in 64-bit integers. With d = floor(log10(first price)):

    tick = 10^(d−6)    seven or more significant digits at the first price
    lot  = 10^(−d−2)   worth 0.01 to 0.1 quote at the first price (10^(−d−6) when the quote is itself a coin)
    prices up to 10^(d+4), quantities up to 4·10^8 lots: a thousandfold rise and four million quote fit

Without a price, d = 2. One quantum is tick × lot: 1e-8 of a dollar-like quote, 1e-12 of a coin.
"""

import re
from decimal import Decimal

from quaestor.adapters.instruments.parse import MARKET_KINDS
from quaestor.domain.instrument import Instrument
from quaestor.errors import ConfigError, UnknownNameError
from quaestor.ledger.codes import ContractKind

_DOLLARS = ("FDUSD", "USDT", "USDC", "BUSD", "TUSD", "DAI", "USD", "EUR", "GBP", "JPY", "TRY", "BRL")
_COINS = ("BTC", "ETH", "BNB", "SOL")
_DEFAULT_DECADE = 2
_LOTS_MAX = 400_000_000
_PLAUSIBLE = re.compile(r"[A-Z0-9]+(?:[._-][A-Z0-9]+)*")


def is_plausible_symbol(symbol: str) -> bool:
    """Return whether a text could be a symbol: at most 30 upper-case letters and digits, joined by . _ or -.

    Example:
        >>> is_plausible_symbol("1000PEPEUSDT"), is_plausible_symbol("BRK.B"), is_plausible_symbol("../x")
        (True, True, False)
    """
    return len(symbol) <= 30 and _PLAUSIBLE.fullmatch(symbol) is not None


def split_symbol(symbol: str) -> tuple[str, str]:
    """Return base and quote by the ending of the symbol; a symbol without a known ending is quoted in USD.

    Example:
        >>> split_symbol("SHIBUSDT"), split_symbol("XRPETH"), split_symbol("MSFT")
        (('SHIB', 'USDT'), ('XRP', 'ETH'), ('MSFT', 'USD'))
    """
    for quote in _DOLLARS + _COINS:
        if symbol.endswith(quote) and len(symbol) > len(quote):
            return symbol[: -len(quote)].rstrip("_-."), quote
    return symbol, "USD"


def assumed_instrument(symbol: str, market: str, first_price: Decimal | None = None) -> Instrument:
    """Return rules with a fine grid for an unknown symbol, marked `assumed`: no minimum notional, usual fees.

    Raises:
        UnknownNameError: when the market does not exist.
        ConfigError: for an inverse contract, whose value cannot be assumed, or a price that is not positive.
    """
    if market not in MARKET_KINDS:
        raise UnknownNameError("market", market, MARKET_KINDS)
    if market == "inverse":
        raise ConfigError(
            f"no table knows the inverse contract {symbol} and its contract value cannot be assumed",
            place="instruments",
            remedy="add it to an instrument table of your own",
        )
    base, quote = split_symbol(symbol)
    if market == "equity":
        return _assumed_equity(symbol)
    decade = _DEFAULT_DECADE if first_price is None else _decade(symbol, first_price)
    tick = Decimal(10) ** (decade - 6)
    lot = Decimal(10) ** (-decade - (6 if quote in _COINS else 2))
    perp = market == "perp"
    return Instrument(
        symbol=symbol,
        market=market,
        kind=MARKET_KINDS[market],
        base=base,
        quote=quote,
        tick_size=tick,
        lot_size=lot,
        quantum=tick * lot,
        min_notional=Decimal(0),
        max_price=Decimal(10) ** (decade + 4),
        max_quantity=_LOTS_MAX * lot,
        maker_fee=Decimal("0.0002" if perp else "0.001"),
        taker_fee=Decimal("0.0005" if perp else "0.001"),
        maintenance_margin=Decimal("0.01"),
        shortable=perp,
        assumed=True,
    )


def _decade(symbol: str, price: Decimal) -> int:
    if not price.is_finite() or price <= 0:
        raise ConfigError(f"a first price of {price} gives no grid", place=f"instrument {symbol}")
    return price.adjusted()


def _assumed_equity(symbol: str) -> Instrument:
    return Instrument(
        symbol=symbol,
        market="equity",
        kind=ContractKind.EQUITY,
        base=symbol,
        quote="USD",
        tick_size=Decimal("0.0001"),
        lot_size=Decimal(1),
        quantum=Decimal("0.000001"),
        min_notional=Decimal(0),
        max_price=Decimal(1_000_000),
        max_quantity=Decimal(4_000_000),
        maker_fee=Decimal(0),
        taker_fee=Decimal(0),
        assumed=True,
    )
