"""The link checker finds what is broken and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "docs" / "check_links.py"


def check(tmp_path: Path, page: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the script over a repository that holds one page beside another."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "check_links.py").write_text(SCRIPT.read_text())
    (docs / "other.md").write_text("# Title\n\n## A `b` — c\n\n```\n# no heading\n```\n")
    (docs / "page.md").write_text(page)
    command = [sys.executable, str(docs / "check_links.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "page",
    [
        "[a](other.md)",
        "[a](other.md#title)",
        "[a](other.md#a-b--c)",
        "# Here\n[a](#here)",
        "[a](../docs/)",
        "[a](https://example.org/none)",
        "`[a](none.md)`",
        "```\n[a](none.md)\n```",
    ],
)
def test_what_resolves_passes(tmp_path: Path, page: str) -> None:
    done = check(tmp_path, page)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "page", ["[a](none.md)", "[a](other.md#none)", "[a](#none)", "[a](other.md#no-heading)", "![a](none.png)"]
)
def test_what_is_broken_is_named(tmp_path: Path, page: str) -> None:
    done = check(tmp_path, page)
    assert done.returncode == 1
    assert "docs/page.md: no " in done.stderr
