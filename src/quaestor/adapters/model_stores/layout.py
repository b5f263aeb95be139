"""Structured tables as text and bytes: a layout that JSON can hold, and contents without chance bytes.

Numbers only: integers, floats and booleans, little-endian, in fields, blocks of fields and nested records. Objects and
text never, so that reading a table runs no code.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from quaestor.errors import ModelError
from quaestor.jit.tables import Table

#: Names of tables; also file names inside the archive.
TABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_KINDS = "fiub"
_DEPTH_MAX = 4


class Field(msgspec.Struct, frozen=True):
    """One field: a number such as ``<f8``, or the layout of a record."""

    name: str
    offset: int  # bytes from the start of the record
    shape: tuple[int, ...]  # of a block of them; () for one
    kind: "str | Layout"


class Layout(msgspec.Struct, frozen=True):
    """A record's layout. `aligned` tells compiled code apart that is otherwise the same."""

    size: int  # bytes
    aligned: bool
    fields: tuple[Field, ...]


class TableLayout(msgspec.Struct, frozen=True):
    """What a table looks like without its numbers."""

    shape: tuple[int, ...]
    record: Layout


def layout_of(dtype: np.dtype[np.void]) -> Layout:
    """The layout of a record as plain data.

    Raises:
        ModelError: a field that holds something else than little-endian numbers.
    """
    if dtype.fields is None:
        raise ModelError(f"{dtype} is no record", place="table")
    fields = []
    for name in dtype.names or ():
        inner, offset = dtype.fields[name][:2]
        fields.append(Field(name, offset, inner.shape, _kind_of(inner.base, name)))
    return Layout(dtype.itemsize, dtype.isalignedstruct, tuple(fields))


def _kind_of(dtype: np.dtype[Any], name: str) -> str | Layout:
    if dtype.fields is not None:
        return layout_of(dtype)
    if dtype.kind not in _KINDS or dtype.byteorder == ">":
        raise ModelError(f"holds {dtype}", place=f"field {name}", remedy="use little-endian numbers")
    return dtype.str


def dtype_of(layout: Layout, depth: int = 0) -> np.dtype[np.void]:
    """The record that `layout_of` described.

    Raises:
        ModelError: a layout that describes none.
    """
    if depth == _DEPTH_MAX:
        raise ModelError("records within records within records", place="table layout")
    try:
        return np.dtype(
            {
                "names": [field.name for field in layout.fields],
                "formats": [(_number_or_record(field.kind, depth), field.shape) for field in layout.fields],
                "offsets": [field.offset for field in layout.fields],
                "itemsize": layout.size,
            },
            align=layout.aligned,
        )
    except (TypeError, ValueError, OverflowError, MemoryError) as error:
        raise ModelError(f"is no layout of a record: {error}", place="table layout") from error


def _number_or_record(kind: str | Layout, depth: int) -> np.dtype[Any]:
    if isinstance(kind, Layout):
        return dtype_of(kind, depth + 1)
    if not re.fullmatch(rf"[<|][{_KINDS}][1248]", kind):
        raise ModelError(f"'{kind}' is no number", place="table layout")
    return np.dtype(kind)


def canonical(table: Table) -> Table:
    """A copy in C order whose bytes between fields are zero: equal tables have equal bytes.

    Example:
        >>> padded = np.dtype([("a", "<i2"), ("b", "<f8")], align=True)
        >>> canonical(np.array([(1, 2.0)], padded)).tobytes()[2:8]
        b'\\x00\\x00\\x00\\x00\\x00\\x00'
    """
    clean = np.zeros(table.shape, table.dtype)
    _copy(table, clean)
    return clean


def _copy(source: Table, target: Table) -> None:
    for name in source.dtype.names or ():
        if source[name].dtype.names is None:
            target[name] = source[name]
        else:
            _copy(source[name], target[name])


def sizes(layouts: Mapping[str, TableLayout]) -> dict[str, int]:
    """Bytes of each table.

    Raises:
        ModelError: a shape or a size below zero.
    """
    for name, layout in layouts.items():
        if layout.record.size < 1 or any(length < 0 for length in layout.shape):
            raise ModelError("has no size", place=f"table {name}")
    return {name: math.prod(layout.shape) * layout.record.size for name, layout in layouts.items()}
