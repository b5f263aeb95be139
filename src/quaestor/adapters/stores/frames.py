"""Frames on disk: Parquet and CSV files that are there whole or not at all."""

from pathlib import Path

import polars as pl

from quaestor.adapters.stores.atomic import replace_file


def replace_frame(path: Path, frame: pl.DataFrame, *, level: int | None = None) -> None:
    """Create or replace a file: CSV where its name ends in .csv, else Parquet, compressed with zstd.

    Args:
        path: the file.
        frame: what it holds.
        level: of compression; the library's own when None.

    Raises:
        OutputError: when the folder or the file cannot be written; the file that was there is untouched.
    """

    def write(temporary: Path) -> None:
        try:
            if path.suffix == ".csv":
                frame.write_csv(temporary)
            else:
                frame.write_parquet(temporary, compression="zstd", compression_level=level)
        except pl.exceptions.PolarsError as error:  # what a full disk becomes while Parquet is written
            raise OSError(str(error).splitlines()[0].rpartition("IO error: ")[2]) from error

    replace_file(path, write)
