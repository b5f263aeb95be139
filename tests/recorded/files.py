"""Names of the recorded files."""

HOURS = "binance_spot_10sym_1h_20220101_20241231.parquet"
MINUTES = "binance_spot_BTCUSDT_1m_20230301_20240229.parquet"
PERP = "binance_perp_5sym_5m_20230101_20240514.parquet"
FUNDING = "binance_perp_5sym_funding_8h_20230101_20240514.parquet"
MARK = "binance_perp_5sym_mark_8h_20230101_20240514.parquet"
EQUITIES = "us_equity_daily_6sym_1998_2021.parquet"
EQUITY_MINUTES = "us_equity_minute_trades_SPY_IBM_AAPL.parquet"
EQUITY_QUOTES = "us_equity_minute_quotes_SPY_IBM_AAPL.parquet"
DIRTY = "binance_spot_BTCUSDT_1m_20171215_20180212_dirty.parquet"
BROKEN = "bybit_perp_ADAUSDT_1m_20240908_20241231_chunked_bad.parquet"
NEWS = "news_crypto_headlines_20211012_20220430.parquet"
LABELLED = "news_sentfin_entity_sentiment.parquet"
FEAR_GREED = "fear_greed_daily_20180201_20241231.parquet"


def minutes_of(symbol: str) -> str:
    """Return the file of a year of minutes of BTCUSDT, ETHUSDT or SOLUSDT."""
    return f"binance_spot_{symbol}_1m_20230301_20240229.parquet"


def tape(market: str, kind: str) -> str:
    """Return the file of minutes of a stream of BTCUSDT.

    Args:
        market: ``spot`` or ``usdm``.
        kind: ``depth``, ``bookticker`` or ``trades``.
    """
    return f"hft_binance_{market}_BTCUSDT_20240808_{kind}.parquet"
