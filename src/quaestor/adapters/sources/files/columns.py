"""Column names of market data: the meaning of each, in long form (a symbol column) and wide form (BTCUSDT_open)."""

import re
from collections.abc import Iterable, Sequence

#: Fields of a bar in the order of `domain.market_matrix.Column`.
BAR_FIELDS = ("open", "high", "low", "close", "volume")

#: What some files hold besides, in the order of the rows after a bar.
FLOW_FIELDS = ("trades", "buy_volume")

_ALIASES = {
    "open": ("open", "o", "open_price"),
    "high": ("high", "h", "high_price"),
    "low": ("low", "l", "low_price"),
    "close": ("close", "c", "close_price"),
    "volume": ("volume", "vol", "v", "base_volume"),
    "trades": ("trades", "count", "number_of_trades", "num_trades"),
    "buy_volume": ("buy_volume", "taker_buy_base", "taker_buy_volume", "taker_buy_base_asset_volume"),
    "ts": ("ts", "timestamp", "open_time", "date", "datetime", "time", "calc_time", "funding_time", "published_at"),
    "symbol": ("symbol", "ticker", "pair", "instrument"),
    "title": ("title", "headline"),
    "fear_greed": ("fng", "fear_greed", "value"),
    "rate": ("funding_rate", "last_funding_rate", "fundingrate", "rate"),
}
_FIELD_BY_ALIAS = {alias: field for field in BAR_FIELDS for alias in _ALIASES[field]}
_FIELD_PATTERN = "|".join(sorted(_FIELD_BY_ALIAS, key=len, reverse=True))
_WIDE_LAST = re.compile(rf"(?P<symbol>.+?)[_.\- ](?P<field>{_FIELD_PATTERN})", re.IGNORECASE)
_WIDE_FIRST = re.compile(rf"(?P<field>{_FIELD_PATTERN})[_.\- ](?P<symbol>.+)", re.IGNORECASE)


def find_column(names: Iterable[str], meaning: str) -> str | None:
    """The file's column of a meaning ("ts", "symbol", "open" …), whatever its case; the first alias present wins.

    Example:
        >>> find_column(["Date", "Open time"], "ts"), find_column(["price"], "open")
        ('Open time', None)
    """
    by_name = {_plain(name): name for name in names}
    return next((by_name[alias] for alias in _ALIASES[meaning] if alias in by_name), None)


def aliases_of(meaning: str) -> tuple[str, ...]:
    """The names that a column of a meaning may have, lower case with underscores."""
    return _ALIASES[meaning]


def is_wide(names: Sequence[str]) -> bool:
    """Whether instruments lie side by side: no plain bar column at all, but columns such as BTCUSDT_open."""
    return all(find_column(names, field) is None for field in BAR_FIELDS[:4]) and bool(wide_symbols(names))


def wide_symbols(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Columns by symbol and field of a wide file.

    Example:
        >>> wide_symbols(["ts", "BTCUSDT_open", "close_ethusdt"])
        {'BTCUSDT': {'open': 'BTCUSDT_open'}, 'ETHUSDT': {'close': 'close_ethusdt'}}
    """
    found: dict[str, dict[str, str]] = {}
    for name in names:
        match = _WIDE_LAST.fullmatch(name) or _WIDE_FIRST.fullmatch(name)
        if match is not None and _plain(name) not in _ALIASES["ts"]:
            fields = found.setdefault(canonical_symbol(match["symbol"]), {})
            fields[_FIELD_BY_ALIAS[match["field"].lower()]] = name
    return found


def number_columns(names: Iterable[str]) -> list[str]:
    """Columns that hold prices, volumes, counts or rates, by name: those that a text format must read as numbers."""
    wide = {column for fields in wide_symbols(names).values() for column in fields.values()}
    plain = {alias for meaning in (*BAR_FIELDS, *FLOW_FIELDS, "rate") for alias in _ALIASES[meaning]}
    return [name for name in names if name in wide or _plain(name) in plain]


def canonical_symbol(text: str) -> str:
    """A symbol as tables spell it: upper case, without the separators and settlement suffix of unified names.

    Example:
        >>> canonical_symbol("btc/usdt"), canonical_symbol("BTC/USDT:USDT"), canonical_symbol("BRK.B")
        ('BTCUSDT', 'BTCUSDT', 'BRK.B')
    """
    return text.strip().upper().split(":")[0].replace("/", "")


def _plain(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().lower())
