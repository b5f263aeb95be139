"""What the name of a file says: which instrument it holds, and of which market."""

import itertools
import re
from pathlib import Path

from quaestor.adapters.instruments.assumed import is_plausible_symbol
from quaestor.adapters.instruments.catalog import InstrumentTable
from quaestor.adapters.instruments.parse import MARKET_KINDS
from quaestor.errors import DataError, UnknownNameError

_MARKET_BY_TOKEN = {
    "perp": "perp",
    "perpetual": "perp",
    "futures": "perp",
    "swap": "perp",
    "um": "perp",
    "usdm": "perp",
    "inverse": "inverse",
    "coinm": "inverse",
    "equity": "equity",
    "equities": "equity",
    "stocks": "equity",
    "spot": "spot",
}


def name_tokens(path: Path) -> list[str]:
    """Parts of a file name between _ - and .

    Example:
        >>> name_tokens(Path("x/binance_spot_BTCUSDT-1m.csv.gz"))
        ['binance', 'spot', 'BTCUSDT', '1m', 'csv', 'gz']
    """
    return [token for token in re.split(r"[_\-.]+", path.name) if token]


def symbols_in_name(path: Path, table: InstrumentTable) -> tuple[str, ...]:
    """Known symbols that the name holds, in one part (BTCUSDT) or in two (BTC_USDT)."""
    tokens = [token.upper() for token in name_tokens(path)]
    joined = [first + second for first, second in itertools.pairwise(tokens)]
    known = set(table.symbols())
    return tuple(dict.fromkeys(token for token in (*tokens, *joined) if token in known))


def require_matching_name(path: Path, symbol: str, table: InstrumentTable) -> None:
    """For a file without symbols inside: accept any plausible symbol that its name does not contradict.

    Raises:
        DataError: when the name holds other known symbols and not this one.
        UnknownNameError: when the text cannot be a symbol.
    """
    if not is_plausible_symbol(symbol):
        raise UnknownNameError("symbol", symbol, table.symbols(), place=str(path))
    named = symbols_in_name(path, table)
    if named and symbol not in named:
        raise DataError(
            f"asked for {symbol}, but the file name says {' and '.join(named)}",
            place=str(path),
            remedy=f"use --symbol {named[0]}, or rename the file if its name is wrong",
        )


def detect_market(path: Path, symbol: str, explicit: str | None, table: InstrumentTable) -> tuple[str, str]:
    """The market of a file and why it is taken: as asked, by the file name, by the instrument table, else spot.

    Raises:
        UnknownNameError: when the market asked for does not exist.
    """
    if explicit is not None:
        if explicit not in MARKET_KINDS:
            raise UnknownNameError("market", explicit, MARKET_KINDS, place="market")
        return explicit, f"market {explicit}: as given"
    for token in name_tokens(path):
        market = _MARKET_BY_TOKEN.get(token.lower())
        if market is not None:
            return market, f"market {market}: the file name says '{token}'"
    markets = table.markets_of(symbol)
    if len(markets) == 1:
        return markets[0], f"market {markets[0]}: the only one in which {symbol} is known"
    return "spot", "market spot: nothing says otherwise"
