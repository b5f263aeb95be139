"""Parts of bars: cut series, funding known at their end, and memory."""

import numpy as np
import pytest

from quaestor.domain.bars import Bars, DataReference, Funding

HOUR = 3_600_000_000_000


@pytest.fixture
def bars() -> Bars:
    """Return ten hours, with funding settled every other hour on the hour."""
    ts = HOUR * np.arange(100, 110)
    settled = HOUR * np.arange(100, 111, 2)
    return Bars(
        "BTCUSDT",
        HOUR,
        ts,
        np.arange(50.0).reshape(5, 10),
        np.arange(10, dtype=np.uint32),
        market="perp",
        funding=Funding(settled, np.arange(6.0) / 1e4, np.full(6, np.nan)),
        reference=DataReference("a.parquet", "ab", "BTCUSDT", HOUR, int(ts[0]), int(ts[-1]), 10),
        notes=("from a file",),
    )


def test_part_cuts_every_series(bars: Bars) -> None:
    part = bars.part(2, 5)
    assert part.ts.tolist() == [102 * HOUR, 103 * HOUR, 104 * HOUR]
    np.testing.assert_array_equal(part.columns, bars.columns[:, 2:5])
    assert part.columns.flags.c_contiguous
    assert part.flags.tolist() == [2, 3, 4]
    assert (part.symbol, part.interval_ns, part.market, part.notes) == ("BTCUSDT", HOUR, "perp", ("from a file",))
    assert part.reference == DataReference("a.parquet", "ab", "BTCUSDT", HOUR, 102 * HOUR, 104 * HOUR, 3)


def test_part_holds_funding_up_to_the_close_of_its_last_bar(bars: Bars) -> None:
    first, middle = bars.part(0, 3).funding, bars.part(1, 4).funding
    assert first is not None
    assert middle is not None
    assert first.ts.tolist() == [100 * HOUR, 102 * HOUR]  # the third bar closes at 103
    assert middle.ts.tolist() == [102 * HOUR, 104 * HOUR]
    assert middle.rate.tolist() == [1e-4, 2e-4]


def test_part_does_not_share_memory(bars: Bars) -> None:
    part = bars.part(0, 10)
    part.columns[0, 0] = -1.0
    part.ts[0] = part.flags[0] = 7
    assert bars.columns[0, 0] == 0.0
    assert bars.ts[0] == 100 * HOUR
    assert bars.flags[0] == 0


def test_part_may_be_empty(bars: Bars) -> None:
    part = bars.part(0, 0)
    assert len(part) == 0
    assert part.reference is None
    assert part.funding is not None
    assert len(part.funding.ts) == 0
