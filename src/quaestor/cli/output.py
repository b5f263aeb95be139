"""Output of commands: one JSON object on stdout, tables on stdout, everything else on stderr."""

import json
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePath
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Table

from quaestor.errors import OutputError

_PIPED_WIDTH = 140
MISSING = "–"


def _console(stream: TextIO, *, stderr: bool) -> Console:
    width = None if stream.isatty() else _PIPED_WIDTH
    return Console(stderr=stderr, highlight=False, width=width)


#: Tables and results for people.
console = _console(sys.stdout, stderr=False)
#: Progress, notes and warnings.
err_console = _console(sys.stderr, stderr=True)


def to_plain(value: object) -> object:
    """Return the JSON form of a value: numpy scalars and arrays unwrapped, NaN and infinities null, decimals numbers,
    enumerations lower-case names, paths strings, dataclasses and structs objects.

    Example:
        >>> to_plain({"sharpe": float("nan"), "cash": Decimal("1.50"), "at": [1, 2.0]})
        {'sharpe': None, 'cash': 1.5, 'at': [1, 2.0]}
    """
    if isinstance(value, Enum):
        return value.name.lower()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        number = float(value)
        return number if math.isfinite(number) else None
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_plain(item) for item in value]
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    names = getattr(value, "__struct_fields__", None)
    if names is not None:
        return {name: to_plain(getattr(value, name)) for name in names}
    unwrap = getattr(value, "tolist", None)
    if unwrap is None:
        raise TypeError(f"{type(value).__name__} has no JSON form")
    return to_plain(unwrap())


def to_json(value: object, *, indent: int | None = 2) -> str:
    """Return one JSON document as text with a line end."""
    return json.dumps(to_plain(value), indent=indent, ensure_ascii=False, allow_nan=False) + "\n"


def print_json(value: object) -> None:
    """Print one JSON document on stdout, indented for a terminal, in one line for a pipe."""
    sys.stdout.write(to_json(value, indent=2 if sys.stdout.isatty() else None))
    sys.stdout.flush()


def refuse_unwritable(out: Path, suffix: str, what: str) -> None:
    """Refuse a file that cannot be written, before the work is done.

    Args:
        out: the file.
        suffix: that it must have, such as ``.json``.
        what: it is to hold, for the message.

    Raises:
        OutputError: another suffix, or a folder has that name.
    """
    if out.suffix != suffix:
        raise OutputError(f"'{out.suffix}' is no format for {what}", place=str(out), remedy=f"use {suffix}")
    if out.is_dir():
        raise OutputError("is a folder", place=str(out), remedy="name a file in it")


def format_percent(fraction: float | None, digits: int = 2) -> str:
    """Return a fraction as a percentage with two decimals; a dash for None, NaN or infinity.

    Example:
        >>> format_percent(0.1234), format_percent(None)
        ('12.34 %', '–')
    """
    return MISSING if _absent(fraction) else f"{100 * float(fraction or 0.0):,.{digits}f} %"


def format_number(value: float | None, digits: int = 2) -> str:
    """Return a number with thousands separators; a dash for None, NaN or infinity.

    Example:
        >>> format_number(12345.678), format_number(7, 0)
        ('12,345.68', '7')
    """
    return MISSING if _absent(value) else f"{float(value or 0.0):,.{digits}f}"


def format_time(ts_ns: int | None) -> str:
    """Return a stamp in nanoseconds as UTC to the second; a dash for None.

    Example:
        >>> format_time(1_700_000_000_000_000_000)
        '2023-11-14 22:13:20Z'
    """
    if ts_ns is None:
        return MISSING
    return f"{datetime.fromtimestamp(ts_ns // 1_000_000_000, tz=UTC):%Y-%m-%d %H:%M:%SZ}"


def _absent(value: float | None) -> bool:
    return value is None or not math.isfinite(value)


def make_table(title: str, *columns: str, right: frozenset[str] | set[str] = frozenset()) -> Table:
    """Return an empty table; columns named in `right` are numbers and align right."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


class Progress:
    """Progress bar on stderr (see `ports.progress.Progress`); a line a stage where there is no terminal."""

    def __init__(self, bar: RichProgress | None, task: TaskID, *, silent: bool, by_stage: bool) -> None:
        self._bar = bar
        self._task = task
        self._silent = silent
        self._by_stage = by_stage

    def advance(self, steps: float = 1) -> None:
        """Move on by a number of steps."""
        if self._bar is not None:
            self._bar.advance(self._task, steps)

    def at(self, done: float) -> None:
        """Set the number of steps that are done."""
        if self._bar is not None and not self._by_stage:
            self._bar.update(self._task, completed=done)

    def describe(self, text: str) -> None:
        """Name the stage that begins."""
        if self._bar is not None:
            self._bar.update(self._task, description=text, advance=1 if self._by_stage else 0)
        elif not self._silent:
            err_console.print(text, markup=False, soft_wrap=True)

    def expect(self, total: float) -> None:
        """Set the number of steps of the whole work."""
        if self._bar is not None and not self._by_stage:
            self._bar.update(self._task, total=total)


@contextmanager
def progress(
    description: str, total: float | None = None, *, silent: bool = False, by_stage: bool = False
) -> Iterator[Progress]:
    """Yield progress for the length of a `with` block: a bar on a terminal, else a line a stage; nothing on request.

    Args:
        description: the first stage.
        total: number of steps, where it is known.
        silent: show nothing.
        by_stage: every stage is one step; smaller steps are not counted.
    """
    if silent or not err_console.is_terminal:
        yield Progress(None, TaskID(0), silent=silent, by_stage=by_stage)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with RichProgress(*columns, console=err_console, transient=True) as bar:
        yield Progress(bar, bar.add_task(description, total=total), silent=silent, by_stage=by_stage)
