"""How-to pages and the quick start: every command runs as it is written, in order, in an empty folder, and prints what
the page shows.

A page is Markdown. A ``bash`` block holds commands, and files as ``cat > FILE <<'EOF'``; a ``python`` block whose
first line is ``# FILE`` is that file; a ``text`` block is output, in which … stands for anything. A command ends with
status 0 unless its comment states another.
"""

import re
import shlex
import textwrap
import tomllib
from pathlib import Path

import pytest
from tests.command_line import call

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^cat > (\S+) <<'EOF'\n(.*?)^EOF$", re.MULTILINE | re.DOTALL)
_STATUS = re.compile(r"#.*exit status (\d(?: or \d)*)")
_EXTRA = re.compile(r"\.\[([a-z,]+)\]")


def run_line(line: str) -> str:
    """Run one command line; return what it printed."""
    match shlex.split(line, comments=True):
        case ["quaestor", *arguments]:
            outcome = call(*arguments)
            stated = _STATUS.search(line)
            assert str(outcome.code) in (stated[1].split(" or ") if stated else ["0"]), f"{line}\n{outcome.err}"
            return outcome.out + outcome.err
        case ["pip", "install", "-e", target]:
            extras = _EXTRA.fullmatch(target)
            assert extras is not None, line
            assert set(extras[1].split(",")) <= EXTRAS.keys(), line
        case ["make", target]:
            assert target in TARGETS, line
        case [] | ["source", ".venv/bin/activate"]:
            pass
        case _:
            pytest.fail(f"neither a command of Quaestor's nor a step of its installation: {line}")
    return ""


def run_block(block: str) -> str:
    """Write the files of a ``bash`` block, then run its commands; return what they printed."""
    for name, content in _FILE.findall(block):
        Path(name).write_text(content, encoding="utf-8")
    lines = _FILE.sub("", block).replace("\\\n", " ").splitlines()
    return "".join(run_line(line) for line in lines)


def assert_shown(text: str, printed: str) -> None:
    """Assert that a text was printed, however both are wrapped; … stands for anything."""
    parts = [re.escape(part) for part in " ".join(text.split()).split("…")]
    assert re.search(".*?".join(parts), " ".join(printed.split())), f"{text}\nis not in\n{printed}"


def run_page(text: str) -> int:
    """Run a page in the working directory; return the number of its blocks of commands."""
    printed, count = "", 0
    for _, language, indented in _BLOCK.findall(text):
        block = textwrap.dedent(indented)
        if language == "bash":
            printed, count = run_block(block), count + 1
        elif language == "python":
            named = re.match(r"# (\w+\.py)\n", block)
            assert named is not None, "the first line of the block names no file"
            Path(named[1]).write_text(block, encoding="utf-8")
        elif language == "text":
            assert_shown(block, printed)
    return count


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, without settings of the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("QUAESTOR_MODELS", "QUAESTOR_FEATURES", "QUAESTOR_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_runs_as_written(page: Path) -> None:
    assert run_page(page.read_text(encoding="utf-8"))


def test_the_quick_start_runs_as_written() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert run_page(text.partition("## Quick start")[2].partition("\n## ")[0]) == 2


def test_a_text_that_was_not_printed_is_found() -> None:
    assert_shown("gained … in\n3 trades", "it gained 1.2 %\nin 3 trades")
    with pytest.raises(AssertionError, match="is not in"):
        assert_shown("gained … in 4 trades", "it gained 1.2 % in 3 trades")


def test_an_undeclared_extra_is_found() -> None:
    with pytest.raises(AssertionError, match="nothing"):
        run_line("pip install -e '.[nothing]'")


def test_a_status_that_is_not_stated_is_found() -> None:
    run_line("quaestor data check sample:5m  # exit status 2: there is no such sample")
    with pytest.raises(AssertionError, match="no such sample"):
        run_line("quaestor data check sample:5m")
