"""File formats: any accepted one as a lazy frame, of which only the needed columns are read."""

import gzip
import io
import re
import zipfile
from pathlib import Path

import msgspec
import polars as pl

from quaestor.adapters.sources.files.columns import find_column, number_columns
from quaestor.errors import DataError

BINANCE_KLINE = (
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "close_time",
    "quote_volume",
    "count",
    "taker_buy_volume",
    "taker_buy_quote_volume",
    "ignore",
)
_FREQTRADE_JSON = ("date", "open", "high", "low", "close", "volume")
_FORMATS = ".parquet, .csv, .csv.gz, .zip (one CSV inside), .feather, .arrow, .json (freqtrade), .json.gz"
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")

#: What polars raises on a damaged file; a Rust panic is no Exception.
FOREIGN_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


def scan_file(path: Path) -> pl.LazyFrame:
    """Open a file by the ending of its name; nothing but its head is read yet (compressed CSV and JSON are).

    Raises:
        DataError: when the file is missing, damaged, empty or of no accepted format.
    """
    if not path.is_file():
        raise DataError("no such file", place=str(path), remedy="check the path given")
    name = path.name.lower()
    try:
        if name.endswith((".parquet", ".pq")):
            frame = pl.scan_parquet(path)
        elif name.endswith((".feather", ".arrow", ".ipc")):
            frame = pl.scan_ipc(path)
        elif name.endswith((".csv", ".csv.gz")):
            frame = _scan_csv(path, path)
        elif name.endswith(".zip"):
            frame = _scan_csv(path, _unzip(path))
        elif name.endswith((".json", ".json.gz")):
            frame = _read_json(path)
        else:
            raise DataError(f"'{path.suffix}' is no accepted format", place=str(path), remedy=f"accepted: {_FORMATS}")
        frame.collect_schema()
    except (*FOREIGN_ERRORS, EOFError, zipfile.BadZipFile, msgspec.MsgspecError) as error:
        raise unreadable(path, error) from error
    return frame


def unreadable(path: Path, error: BaseException) -> DataError:
    """The error that a library raised on a file, as one of ours."""
    detail = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return DataError(
        f"cannot be read: {detail}", place=str(path), remedy="the file is damaged or not what its name says"
    )


def _scan_csv(path: Path, source: Path | bytes) -> pl.LazyFrame:
    head = _first_line(source)
    if not head:
        raise DataError("the file is empty", place=str(path))
    fields = [field.strip().strip('"') for field in head.split(",")]
    has_header = not all(_NUMBER.fullmatch(field) or not field for field in fields)
    if not has_header and len(fields) != len(BINANCE_KLINE):
        raise DataError(
            f"the first line has no column names and {len(fields)} columns",
            place=str(path),
            remedy=f"without names only the {len(BINANCE_KLINE)} columns of a Binance archive are understood",
        )
    names = fields if has_header else list(BINANCE_KLINE)
    overrides: dict[str, type[pl.DataType]] = dict.fromkeys(number_columns(names), pl.Float64)
    symbol = find_column(names, "symbol")
    if symbol is not None:
        overrides[symbol] = pl.String
    return pl.scan_csv(
        source if isinstance(source, Path) else io.BytesIO(source),
        has_header=has_header,
        new_columns=None if has_header else names,
        schema_overrides=overrides,
        null_values=["", "null", "None", "nan", "NaN", "NULL"],
    )


def _first_line(source: Path | bytes) -> str:
    if isinstance(source, bytes):
        return source[:10_000].split(b"\n", 1)[0].decode("utf-8-sig", "replace").strip()
    if source.suffix.lower() == ".gz":
        with gzip.open(source, "rb") as packed:
            return packed.readline(10_000).decode("utf-8-sig", "replace").strip()
    with source.open("rb") as file:
        return file.readline(10_000).decode("utf-8-sig", "replace").strip()


def _unzip(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        members = [name for name in archive.namelist() if name.lower().endswith(".csv")]
        if len(members) != 1:
            raise DataError(f"the archive holds {len(members)} CSV files", place=str(path), remedy="one is expected")
        return archive.read(members[0])


def _read_json(path: Path) -> pl.LazyFrame:
    data = gzip.decompress(path.read_bytes()) if path.suffix.lower() == ".gz" else path.read_bytes()
    rows = msgspec.json.decode(
        data, type=list[tuple[float, float | None, float | None, float | None, float | None, float | None]]
    )
    return pl.DataFrame(rows, schema=dict.fromkeys(_FREQTRADE_JSON, pl.Float64), orient="row").lazy()
