"""The default set of 25 in pandas, and a book for it to read."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks import indicator_peers as peers
from benchmarks.indicator_peers import Bars
from quaestor.domain.market_matrix import ALL_COLUMNS, N_COLUMNS, Column, book_row
from quaestor.features.sets import feature_set

NAMES = feature_set("default")
_LEVELS = 5
_TICK = 0.01


def with_book(bars: Bars) -> NDArray[np.float64]:
    """The market matrix of bars with five levels around each close: what they hold costs nothing but their reading."""
    matrix = np.full((ALL_COLUMNS, len(bars.close)), np.nan)
    matrix[:N_COLUMNS] = bars.columns
    for level in range(_LEVELS):
        matrix[book_row(Column.BID_PRICE, level)] = bars.close - _TICK * (level + 1)
        matrix[book_row(Column.ASK_PRICE, level)] = bars.close + _TICK * (level + 1)
        matrix[book_row(Column.BID_SIZE, level)] = 1.0 + bars.volume
        matrix[book_row(Column.ASK_SIZE, level)] = 2.0 + level
    return matrix


def pandas_frame(bars: Bars) -> pd.DataFrame:
    """The same as pandas takes it."""
    matrix = with_book(bars)
    names = ("bid_price", "bid_size", "ask_price", "ask_size")
    book = {
        f"{name}_{level}": matrix[book_row(column, level)]
        for level in range(_LEVELS)
        for name, column in zip(
            names, (Column.BID_PRICE, Column.BID_SIZE, Column.ASK_PRICE, Column.ASK_SIZE), strict=True
        )
    }
    return bars.frame().assign(**book)


def pandas_set(f: pd.DataFrame) -> list[object]:
    """Every feature of the set, as somebody would write it with pandas."""
    close, volume = f.close, f.volume
    returns = np.log(close).diff()
    typical = (f.high + f.low + close) / 3
    low, high = f.low.rolling(10).min(), f.high.rolling(10).max()
    past = volume.rolling(10)
    price = [
        close.pct_change(),
        close.diff(10),
        np.sqrt((returns**2).ewm(alpha=0.06, adjust=False).mean()),
        np.log(close).diff(5) - np.log(close).diff(5).shift(5),
        (close - low) / (high - low),
    ]
    traded = [
        volume,
        volume.diff() / (volume + volume.shift()),
        close / ((typical * volume).rolling(10).sum() / past.sum()) - 1,
        (volume > past.mean().shift() + 3 * past.std().shift()).astype(float),
        close.rolling(10).corr(volume),
    ]
    mean, deviation = close.rolling(20).mean(), close.rolling(20).std(ddof=0)
    technical = [peers.rsi(f), peers.macd(f), peers.stoch(f), peers.willr(f), peers.atr(f)]
    bands = [4 * deviation / mean, (close - mean + 2 * deviation) / (4 * deviation)]
    return [*price, *traded, *_book(f), *technical, *bands]


def _book(f: pd.DataFrame) -> list[object]:
    bid, ask, bid_size, ask_size = f.bid_price_0, f.ask_price_0, f.bid_size_0, f.ask_size_0
    mid = (bid + ask) / 2
    bids = sum(f[f"bid_size_{level}"] for level in range(_LEVELS))
    asks = sum(f[f"ask_size_{level}"] for level in range(_LEVELS))
    microprice = (bid * ask_size + ask * bid_size) / (bid_size + ask_size)
    return [
        bid_size,
        ask_size,
        (ask - bid) / mid * 1e4,
        (bid_size - ask_size) / (bid_size + ask_size),
        (microprice - mid) / mid * 1e4,
        bids / (bids + asks),
    ]
