"""Market matrix: the series known about an instrument, bar by bar, one a row; kernels read the members as constants."""

from enum import IntEnum


class Column(IntEnum):
    """Row of the market matrix, which is float64, shape (m, n), C order, so that each row is one contiguous series.

    The first five are a bar and always present; a matrix has as many more as its source provides, in this order, NaN
    for unknown values. Prices in the quote asset, sizes and volumes in base units.
    """

    OPEN = 0
    HIGH = 1
    LOW = 2
    CLOSE = 3
    VOLUME = 4
    # flow within the row
    TRADES = 5  # number of trades
    BUY_VOLUME = 6  # volume whose taker bought
    ORDER_FLOW = 7  # sum of best-level order-flow imbalance (Cont, Kukanov and Stoikov), base units
    # last values known at the row's close
    BENCHMARK = 8  # close of another instrument
    FUNDING_RATE = 9  # fraction per settlement
    FEAR_GREED = 10  # index, 0 … 100
    SENTIMENT = 11  # mean score of headlines about the instrument, decayed by age, in [-1, 1]
    HEADLINES = 12  # decayed number of those headlines
    # the book at the row's close: level 0 here, further levels after it (see `book_row`)
    BID_PRICE = 13
    BID_SIZE = 14
    ASK_PRICE = 15
    ASK_SIZE = 16


#: Rows that every market matrix has.
BAR_COLUMNS = (Column.OPEN, Column.HIGH, Column.LOW, Column.CLOSE, Column.VOLUME)
N_COLUMNS = len(BAR_COLUMNS)

#: Levels of the book on each side of the market matrix, from BID_PRICE on.
BOOK_LEVELS = 20

#: Distances from the mid price, in basis points, within which the book's size is summed; their rows follow the levels.
BOOK_DISTANCES_BPS = (1, 2, 5, 10, 25, 50)

_FIRST_DISTANCE = Column.BID_PRICE + 4 * BOOK_LEVELS

#: Number of rows of a complete market matrix.
ALL_COLUMNS = _FIRST_DISTANCE + 2 * len(BOOK_DISTANCES_BPS)


def book_row(column: Column, level: int) -> int:
    """Return the row of BID_PRICE, BID_SIZE, ASK_PRICE or ASK_SIZE at a level of the book, 0 the best.

    Example:
        >>> book_row(Column.BID_SIZE, 0) == Column.BID_SIZE, book_row(Column.ASK_SIZE, 19)
        (True, 92)
    """
    return column + 4 * level


def distance_row(side: int, distance: int) -> int:
    """Return the row of the size within ``BOOK_DISTANCES_BPS[distance]`` of the mid price; side 0 bids, 1 asks.

    Example:
        >>> distance_row(0, 0), distance_row(1, 5)
        (93, 104)
    """
    return _FIRST_DISTANCE + 2 * distance + side


def column_name(row: int) -> str:
    """Return the name of a row: ``close``, ``bid_price`` for the best level, ``bid_price_2``, ``ask_depth_10bps``.

    Example:
        >>> [column_name(row) for row in (Column.CLOSE, book_row(Column.ASK_SIZE, 1), distance_row(0, 3))]
        ['close', 'ask_size_2', 'bid_depth_10bps']
    """
    if row >= _FIRST_DISTANCE:
        distance, side = divmod(row - _FIRST_DISTANCE, 2)
        return f"{('bid', 'ask')[side]}_depth_{BOOK_DISTANCES_BPS[distance]}bps"
    if row > Column.ASK_SIZE:
        level, column = divmod(row - Column.BID_PRICE, 4)
        return f"{Column(Column.BID_PRICE + column).name.lower()}_{level + 1}"
    return Column(row).name.lower()
