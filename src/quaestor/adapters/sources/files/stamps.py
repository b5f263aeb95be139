"""Time stamps: columns of any form as int64 nanoseconds UTC."""

import re
from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.errors import ConfigError, DataError

# A whole number is taken as s, ms, µs or ns since 1970 by its size: each unit covers 1970-04 … 2255 without overlap.
_UNITS = ((9.0e9, 1_000_000_000), (9.0e12, 1_000_000), (9.0e15, 1_000), (np.inf, 1))
_EXACT_FLOAT_MAX = 2.0**53
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}.*")


def to_nanoseconds(series: pl.Series, rows: NDArray[np.int64], place: str) -> NDArray[np.int64]:
    """Stamps of a column: whole numbers (each taken in s, ms, µs or ns by its size, so that an archive that changes
    unit half-way is read right), dates, datetimes with a zone or without (UTC), or ISO text.

    Args:
        series: the column.
        rows: int64[n], the row of each stamp in the file, for messages.
        place: the file, for messages.

    Raises:
        DataError: when a stamp is missing or no time, naming its row.
    """
    dtype = series.dtype
    if series.null_count():
        row = rows[series.is_null().arg_max() or 0]
        raise DataError(f"row {row}: no time stamp", place=place, remedy="remove the row")
    if dtype.is_integer():
        return _scale(series.cast(pl.Int64).to_numpy())
    if dtype.is_float():
        return _scale(_whole(series.cast(pl.Float64).to_numpy(), rows, place))
    if dtype == pl.String:
        return _parse_text(series, rows, place)
    if dtype == pl.Date or isinstance(dtype, pl.Datetime) or dtype == pl.Datetime:
        return series.cast(pl.Datetime("ns", getattr(dtype, "time_zone", None))).to_physical().to_numpy()
    raise DataError(f"column '{series.name}' of type {dtype} holds no times", place=place)


def parse_moment(text: str, option: str) -> int:
    """An ISO date or datetime as nanoseconds UTC; without a zone it is UTC.

    Raises:
        ConfigError: naming the option.

    Example:
        >>> parse_moment("1970-01-02", "--from"), parse_moment("1970-01-01T01:00+01:00", "--from")
        (86400000000000, 0)
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ConfigError(
            f"'{text}' is no date", place=option, remedy="write 2024-01-31 or 2024-01-31T12:00 (UTC)"
        ) from error
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    since = aware - datetime(1970, 1, 1, tzinfo=UTC)
    ts = (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000
    if not abs(ts) < 2**63:
        raise ConfigError(f"'{text}' lies outside 1678 … 2262", place=option)
    return ts


def format_moment(ts: int) -> str:
    """A stamp as ISO 8601 UTC, to the nanosecond where it is not on a second.

    Example:
        >>> format_moment(1_700_000_000_000_000_000)
        '2023-11-14T22:13:20Z'
    """
    whole, rest = divmod(ts, 1_000_000_000)
    text = str(np.datetime64(whole, "s"))
    return f"{text}.{rest:09d}Z" if rest else f"{text}Z"


def _scale(values: NDArray[np.int64]) -> NDArray[np.int64]:
    if not len(values):
        return values
    size = np.abs(values)
    smallest, largest = _factor(int(size.min())), _factor(int(size.max()))
    if smallest == largest:
        return values * largest if largest != 1 else values
    factors = np.select([size < bound for bound, _ in _UNITS], [factor for _, factor in _UNITS])
    return (values * factors).astype(np.int64)


def _factor(size: int) -> int:
    return next(factor for bound, factor in _UNITS if size < bound)


def _whole(values: NDArray[np.float64], rows: NDArray[np.int64], place: str) -> NDArray[np.int64]:
    bad = ~(np.isfinite(values) & (np.abs(values) <= _EXACT_FLOAT_MAX) & (values == np.rint(values)))
    if bad.any():
        k = int(np.argmax(bad))
        raise DataError(f"row {rows[k]}: {values[k]} is no exact time stamp", place=place)
    return values.astype(np.int64)


def _parse_text(series: pl.Series, rows: NDArray[np.int64], place: str) -> NDArray[np.int64]:
    numbers = series.cast(pl.Int64, strict=False)
    if len(series) and numbers.null_count() == 0:
        return _scale(numbers.to_numpy())
    try:
        parsed = series.str.to_datetime(time_unit="ns", strict=True)
    except pl.exceptions.PolarsError as error:
        bad = ~series.str.contains(f"^{_DATE.pattern}$")
        k = bad.arg_max() or 0
        raise DataError(
            f"row {rows[k]}: '{series[k]}' is no time stamp", place=place, remedy="write ISO 8601"
        ) from error
    return parsed.to_physical().to_numpy()
