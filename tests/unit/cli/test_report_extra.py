"""Commands that write reports or pictures say that the extra is missing before they do anything."""

import sys
from pathlib import Path

import pytest
from tests.command_line import refusal

WRITERS = [
    ("plotly.offline", ("report", "absent", "--html", "report.html")),
    ("plotly.offline", ("demo", "--out", "demo")),
    ("plotly.offline", ("train", "--data", "{bars}", "--symbol", "BTCUSDT", "--models", "m", "--out", "o", "--json")),
    ("matplotlib.figure", ("why", "1", "--journal", "absent", "--png", "why.png")),
    ("matplotlib.figure", ("features", "bench", "--features", "rsi_14", "--png", "costs.png")),
]


@pytest.mark.parametrize(("module", "command"), WRITERS, ids=[command[0] for _, command in WRITERS])
def test_a_missing_extra_is_refused_before_the_work(
    module: str, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bars = tmp_path / "bars.parquet"
    bars.write_bytes(b"never read")
    monkeypatch.setitem(sys.modules, module, None)
    assert "quaestor[report]" in refusal(*(part.replace("{bars}", str(bars)) for part in command))
    assert list(tmp_path.iterdir()) == [bars]
