"""Tables: types of the arrays that kernels read and write, and the declaration of their rows.

`Row` stands for a record of a structured array: kernels read and write its fields by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: Record of a structured array inside a kernel.
Row: TypeAlias = Any
#: Structured array.
Table: TypeAlias = NDArray[np.void]
#: Series side by side: float64, shape (rows, n), C order.
Matrix: TypeAlias = NDArray[np.float64]


class Field(NamedTuple):
    """Field of a table's rows: name, type, unit (or the codes that it holds), meaning, and the shape of an array."""

    name: str
    kind: "str | np.dtype[np.void] | TableLayout"
    unit: str = ""
    meaning: str = ""
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class TableLayout:
    """Declaration of a table: meaning and fields of its rows, and their dtype (see `record`)."""

    name: str
    meaning: str
    fields: tuple[Field, ...]
    dtype: np.dtype[np.void]


def table(name: str, meaning: str, *fields: Field) -> TableLayout:
    """Return the declaration of a table.

    Example:
        >>> table("fill", "One fill.", Field("side", "i1", "`Side`"), Field("lots", "i8", "lots")).dtype.names
        ('side', 'gap1', 'lots')
    """
    return TableLayout(name, meaning, fields, record([_numpy_field(field) for field in fields]))


def _numpy_field(field: Field) -> tuple[Any, ...]:
    kind = field.kind.dtype if isinstance(field.kind, TableLayout) else field.kind
    return (field.name, kind, field.shape) if field.shape else (field.name, kind)


def record(fields: Sequence[Any]) -> np.dtype[np.void]:
    """Return an aligned dtype whose every byte belongs to a field.

    Rows are compared, hashed and journaled as bytes, and numpy copies leave bytes between fields undefined.

    Example:
        >>> record([("side", "i1"), ("lots", "i8")]).names
        ('side', 'gap1', 'lots')
    """
    aligned = np.dtype([*fields], align=True)
    filled: list[tuple[Any, ...]] = []
    end = 0
    for (name, *kind), offset in zip(fields, (aligned.fields or {}).values(), strict=True):
        if offset[1] > end:
            filled.append((f"gap{len(filled)}", "u1", (offset[1] - end,)))
        filled.append((name, *kind))
        end = offset[1] + offset[0].itemsize
    if aligned.itemsize > end:
        filled.append((f"gap{len(filled)}", "u1", (aligned.itemsize - end,)))
    return np.dtype(filled, align=True)
