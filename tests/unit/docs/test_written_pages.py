"""The pages of features, risk, strategies and tables say what the catalogues and declarations say."""

import importlib.util
import re
from pathlib import Path

import pytest

from quaestor.ledger.codes import Breaker

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.mark.parametrize("script", ["write_features", "write_risk", "write_strategies", "write_tables"])
def test_a_page_is_as_its_catalogue_writes_it(script: str) -> None:
    spec = importlib.util.spec_from_file_location(script, DOCS / f"{script}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = module.PAGE.read_text(encoding="utf-8")
    assert text == module.page(text), f"run: python docs/{script}.py"


def test_every_breaker_is_documented_with_what_lifts_it() -> None:
    text = (DOCS / "reference" / "risk.md").read_text(encoding="utf-8")
    section = text[text.index("## Circuit breakers") : text.index("## What is estimated")]
    written = re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", section, re.MULTILINE)
    assert sorted(written) == sorted(str(bit.name).lower() for bit in Breaker if bit)
