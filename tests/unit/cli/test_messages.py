"""Messages: what a text of the program tells its reader to type exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup

import quaestor
from quaestor.cli.lazy import COMMANDS

SOURCE = Path(quaestor.__file__).parent
CLI = SOURCE / "cli"

_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_COMMAND = re.compile(r"\bquaestor ([a-z]+(?: [a-z]+)*)([^'`]*)")


def options_of(path: str, command: TyperCommand | TyperGroup) -> Iterator[tuple[str, set[str]]]:
    """Yield a command's words and its options, then those of its sub-commands."""
    own = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    yield path, own | {"--help"}
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            assert isinstance(each, TyperCommand | TyperGroup)
            yield from options_of(f"{path} {name}", each)


OPTIONS = {path: own for entry in COMMANDS for path, own in options_of(entry.name, entry.load())}
EVERY = set().union(*OPTIONS.values()) | {"--version"}


def texts(file: Path) -> list[str]:
    """Return the strings of a module beside its docstrings; of an f-string, its parts without the values."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in joined for part in node.values}
    found = ["".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values) for node in joined]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | parts:
            found.append(node.value)
    return found


def command_in(words: str) -> str | None:
    """Return the longest command that the words begin with, None where they begin with none that can be run."""
    split = words.split()
    for length in range(min(len(split), 3), 0, -1):
        path = " ".join(split[:length])
        if path in OPTIONS:
            return path
    return None


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda file: str(file.relative_to(SOURCE)))
def test_options_and_commands_in_texts_exist(file: Path) -> None:
    for text in texts(file):
        assert set(_OPTION.findall(text)) <= EVERY, text
        for words, after in _COMMAND.findall(text):
            command = command_in(words)
            assert command is not None, text
            assert set(_OPTION.findall(after.partition(", or ")[0])) <= OPTIONS[command], text


@pytest.mark.parametrize("package", sorted({entry.module.partition(".")[0] for entry in COMMANDS}))
def test_commands_name_options_of_their_own(package: str) -> None:
    names = [entry.name for entry in COMMANDS if entry.module.startswith(f"{package}.")]
    own = set().union(*(options for path, options in OPTIONS.items() if path.split()[0] in names))
    for file in (CLI / package).glob("*.py"):
        for text in texts(file):
            if not _COMMAND.search(text):
                assert set(_OPTION.findall(text)) <= own, (file.name, text)
