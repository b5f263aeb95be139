"""The page of features says what the catalogue says."""

import importlib.util
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_page_is_as_the_catalogue_writes_it() -> None:
    spec = importlib.util.spec_from_file_location("write_features", DOCS / "write_features.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = module.PAGE.read_text(encoding="utf-8")
    assert text == module.page(text), "run: python docs/write_features.py"
