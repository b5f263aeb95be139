"""Types of the tables that kernels read and write, and aligned layouts of their rows.

`Row` stands for a record of a structured array: kernels read and write its fields by name.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: A record of a structured array inside a kernel.
Row: TypeAlias = Any
#: A structured array.
Table: TypeAlias = NDArray[np.void]
#: Series side by side: float64, shape (rows, n), C order.
Matrix: TypeAlias = NDArray[np.float64]


def record(fields: Sequence[Any]) -> np.dtype[np.void]:
    """An aligned dtype whose every byte belongs to a field.

    Rows are compared, hashed and journaled as bytes, and numpy leaves bytes between fields to chance when it copies.

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
