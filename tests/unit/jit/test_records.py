"""Records: rows are compared and hashed as bytes, so every byte must belong to a field."""

import numpy as np
import pytest

from quaestor.jit.tables import record
from quaestor.ledger.rows import DECISION, EVENT, INSTRUMENT, ORDER, ORDER_EVENT, TRADE


@pytest.mark.parametrize("dtype", [EVENT, ORDER, ORDER_EVENT, TRADE, INSTRUMENT, DECISION])
def test_a_copied_row_has_the_bytes_of_the_original(dtype: np.dtype[np.void]) -> None:
    rows = np.zeros(1000, dtype)
    for _ in range(5):
        soiled = [np.full(1000 * dtype.itemsize // 8, -1) for _ in range(20)]
        del soiled
        copies = (rows.copy(), rows[np.ones(1000, np.bool_)], rows[np.arange(1000)], np.concatenate([rows, rows]))
        assert not any(any(copy.tobytes()) for copy in copies)


def test_record_fields_have_the_offsets_of_an_aligned_dtype() -> None:
    fields = [("a", "i1"), ("b", "i8"), ("c", "i2"), ("d", "i4"), ("e", "i1")]
    ours, plain = record(fields), np.dtype(fields, align=True)
    assert ours.itemsize == plain.itemsize
    assert plain.fields is not None
    assert ours.fields is not None
    assert {name: ours.fields[name][1] for name, _ in fields} == {name: plain.fields[name][1] for name, _ in fields}
