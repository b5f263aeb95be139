"""HTML page: one file with style, script and charts inside, written whole or not at all."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from quaestor import __version__
from quaestor.adapters.optional import load_extra
from quaestor.adapters.stores.atomic import replace_file
from quaestor.report.figures import Figure


def document(title: str, sections: Sequence[str], charts: Mapping[str, Figure]) -> str:
    """Return a page as text; each chart fills the element of its name."""
    return "\n".join(
        [
            "<!doctype html><html lang=en><head><meta charset=utf-8>",
            '<meta name=viewport content="width=device-width, initial-scale=1">',
            '<meta name=color-scheme content="light dark">',
            f"<title>{escape(title)}</title><style>{_asset('page.css')}</style></head><body>",
            f"<header><h1>{escape(title)}</h1>",
            f"<p class=quiet>Times are UTC. Written by Quaestor {__version__}.</p></header><main>",
            *sections,
            "</main>",
            f"<script>{load_chart_library().get_plotlyjs()}</script>",
            f"<script>const CHARTS={_script_json(charts)};\n{_asset('page.js')}</script></body></html>\n",
        ]
    )


def load_chart_library() -> Any:
    """Return the library whose script is put into a page; a command that will write one calls this first.

    Raises:
        ConfigError: it is not installed.
    """
    return load_extra("plotly.offline", place="report", extra="report")


def chart(name: str, title: str) -> str:
    """Return the element that a chart is drawn into."""
    return f"<figure><figcaption>{escape(title)}</figcaption><div class=chart id={name}></div></figure>"


def write_page(page: str, target: Path) -> Path:
    """Write a page; the file appears whole or not at all.

    Raises:
        OutputError: the target cannot be written.
    """
    replace_file(target, lambda temporary: temporary.write_text(page, encoding="utf-8"), remedy="choose another file")
    return target


def _asset(name: str) -> str:
    return files("quaestor.report").joinpath(name).read_text(encoding="utf-8")


def _script_json(value: object) -> str:
    """Return JSON that cannot end the script element around it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
