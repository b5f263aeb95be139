"""Records: rows are compared and hashed as bytes, so every byte must belong to a field."""

import numpy as np
import pytest

from quaestor.jit.tables import Field, TableLayout, record, table
from quaestor.ledger.rows import (
    DECISION,
    DECISION_TABLE,
    EVENT,
    EVENT_TABLE,
    INSTRUMENT,
    INSTRUMENT_TABLE,
    ORDER,
    ORDER_EVENT,
    ORDER_EVENT_TABLE,
    ORDER_TABLE,
    TRADE,
    TRADE_TABLE,
)


@pytest.mark.parametrize("dtype", [EVENT, ORDER, ORDER_EVENT, TRADE, INSTRUMENT, DECISION])
def test_a_copied_row_has_the_bytes_of_the_original(dtype: np.dtype[np.void]) -> None:
    rows = np.zeros(1000, dtype)
    for _ in range(5):
        soiled = [np.full(1000 * dtype.itemsize // 8, -1) for _ in range(20)]
        del soiled
        copies = (rows.copy(), rows[np.ones(1000, np.bool_)], rows[np.arange(1000)], np.concatenate([rows, rows]))
        assert not any(any(copy.tobytes()) for copy in copies)


#: What journals on disk hold: name, bytes of a row, and each field as name:type@offset.
LAYOUTS = (
    (
        "event",
        200,
        "ts:i8@0 open_ts:i8@8 instrument:i4@16 flags:u4@20 kind:i1@24 regime:i1@25 code:i2@26 child:i4@28 "
        "open:i8@32 high:i8@40 low:i8@48 close:i8@56 volume:i8@64 funding_rate:i8@72 funding_rate_inside:i8@80 "
        "funding_mark:i8@88 signal:f8@96 confidence:f8@104 edge:f8@112 edge_error:f8@120 edge_bars:f8@128 "
        "atr:f8@136 spread:f8@144 support:f8@152 resistance:f8@160 order_id:i8@168 lots:i8@176 price:i8@184 "
        "amount:i8@192",
    ),
    (
        "order",
        96,
        "id:i8@0 sibling:i8@8 instrument:i4@16 side:i1@20 type:i1@21 tif:i1@22 status:i1@23 purpose:i1@24 "
        "reduce_only:i1@25 resting:i1@26 lots:i8@32 filled:i8@40 limit:i8@48 trigger:i8@56 created_ts:i8@64 "
        "active_ts:i8@72 bracket_stop:i8@80 bracket_target:i8@88",
    ),
    (
        "order event",
        144,
        "ts:i8@0 decision:i8@8 action:i1@16 reason:i1@17 maker:i1@18 lots:i8@24 price:i8@32 fee:i8@40 order:V96@48",
    ),
    (
        "trade",
        88,
        "instrument:i4@0 side:i1@4 reason:i1@5 entry_ts:i8@8 exit_ts:i8@16 lots:i8@24 entry_value:i8@32 "
        "exit_value:i8@40 fee:i8@48 funding:i8@56 pnl:i8@64 entry_decision:i8@72 exit_decision:i8@80",
    ),
    (
        "instrument",
        88,
        "kind:i4@0 shortable:i1@4 margined:i1@5 multiplier:i8@8 inverse_numerator:i8@16 maker_rate:i8@24 "
        "taker_rate:i8@32 initial_margin_rate:i8@40 maintenance_rate:i8@48 min_notional:i8@56 max_lots:i8@64 "
        "interval_ns:i8@72 same_asset:i8@80",
    ),
    (
        "decision",
        128,
        "number:i8@0 ts:i8@8 instrument:i4@16 flags:u4@20 breakers:u4@24 regime:i1@28 verdict:i1@29 rule:i1@30 "
        "layer:i1@31 orders:i4@32 sizer:i1@36 close:i8@40 signal:f8@48 confidence:f8@56 position:i8@64 "
        "target:i8@72 approved_target:i8@80 measured:f8@88 limit:f8@96 equity:i8@104 cash:i8@112 "
        "first_order:i8@120",
    ),
)
TABLES = (EVENT_TABLE, ORDER_TABLE, ORDER_EVENT_TABLE, TRADE_TABLE, INSTRUMENT_TABLE, DECISION_TABLE)


@pytest.mark.parametrize(
    ("layout", "declared"), list(zip(LAYOUTS, TABLES, strict=True)), ids=lambda each: str(each)[:20]
)
def test_rows_of_a_journal_are_laid_out_as_ever(layout: tuple[str, int, str], declared: TableLayout) -> None:
    found = [(name, *kind[:2]) for name, kind in (declared.dtype.fields or {}).items() if not name.startswith("gap")]
    written = " ".join(f"{name}:{dtype.str.lstrip('<|')}@{offset}" for name, dtype, offset in found)
    assert (declared.name, declared.dtype.itemsize, written) == layout


def test_a_declared_field_has_its_type_and_shape() -> None:
    inner = table("inner", "", Field("x", "f8"))
    outer = table("outer", "", Field("a", "i1"), Field("inner", inner), Field("ring", "i8", "", "", (3,)))
    assert outer.dtype == record([("a", "i1"), ("inner", inner.dtype), ("ring", "i8", (3,))])


def test_record_fields_have_the_offsets_of_an_aligned_dtype() -> None:
    fields = [("a", "i1"), ("b", "i8"), ("c", "i2"), ("d", "i4"), ("e", "i1")]
    ours, plain = record(fields), np.dtype(fields, align=True)
    assert ours.itemsize == plain.itemsize
    assert plain.fields is not None
    assert ours.fields is not None
    assert {name: ours.fields[name][1] for name, _ in fields} == {name: plain.fields[name][1] for name, _ in fields}
