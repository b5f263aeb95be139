"""Model deployment: the trading settings of a trained model follow the account."""

from pathlib import Path

import pytest
from tests.planted import SMALL, planted_bars, write_bars

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.research.training.draft import blank_artefact
from quaestor.runtime.assembly.assemble import assemble
from quaestor.runtime.config import RunConfig

BARS = planted_bars(300)


@pytest.mark.parametrize(("settings", "both"), [({}, False), ({"side": "long"}, False), ({"side": "both"}, True)])
def test_spot_is_sold_short_only_when_both_sides_are_configured(
    settings: dict[str, str], *, both: bool, tmp_path: Path
) -> None:
    blank = DirectoryModelStore(tmp_path).put(blank_artefact(BARS, SMALL))
    config = RunConfig.model_validate(
        {
            "data": {"path": write_bars(BARS, tmp_path / "bars.parquet"), "symbol": BARS.symbol, "market": "spot"},
            "strategy": {"name": "learned", "settings": settings},
            "models": {"dir": tmp_path, "use": {BARS.symbol: blank}},
        }
    )
    assembly = assemble(config, venue_inside=True)
    assert assembly.deployment is not None
    assert assembly.deployment.trading[0].both is both
    assert assembly.traded_instruments[0].instrument.shortable is both
