"""Check that every field which compiled code names is declared by a table. Exit status 1 and one line a wrong name.

Kernels read and write fields by name, ``row["close"]``, and a wrong name is an error of the compiler deep inside a
chain of calls. Here it is found in the syntax tree, with its file and line; nothing is imported.

Looked at: subscripts by a string in functions decorated with `kernel`, `inlined` or `allocating`, and elsewhere those
of names annotated as `Row` or `Table`. Declared are the strings of every function and every statement of a module that
builds a dtype, and the first argument of what becomes a field (`_DECLARING`), or each (`_DECLARING_ALL`). The blanks
of an f-string stand for whole numbers and for the other strings of its function or statement.

Run from anywhere: ``python docs/check_fields.py [FOLDER]``.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1] / "src"
_COMPILED = {"kernel", "inlined", "allocating"}
_TABLES = {"Row", "Table"}
#: Calls whose first argument is the name of a field; further ones may be given as ``account_fields=``.
_DECLARING = {
    "Field",
    "Link",
    "Rule",
    "Setting",
    "Exit",
    "MarketExit",
    "Sizer",
    "Real",
    "Integer",
    "Choice",
    "by_regime",
}
#: Calls each of whose arguments is the name of a field.
_DECLARING_ALL = {"counted_windows"}


def declared(tree: ast.Module) -> Iterator[str]:
    """Patterns of the names of fields that a module declares.

    Example:
        >>> text = 'A = record([("a", "i8"), (f"b{1}", B, (2,))]); x = Real("c", 1.0); y = ("d", "i8")'
        >>> [name for name in "a b1 c d".split() if re.fullmatch("|".join(declared(ast.parse(text))), name)]
        ['a', 'b1', 'c']
    """
    plain = (each for each in tree.body if isinstance(each, ast.Assign | ast.AnnAssign | ast.Expr))
    for unit in (*plain, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))):
        parts = list(ast.walk(unit))
        blank = "|".join([r"\d+", *(re.escape(_text(part)) for part in parts if _text(part).isidentifier())])
        calls = [part for part in parts if isinstance(part, ast.Call)]
        if any(_builds(call) for call in calls):
            yield from _patterns(unit, blank)
        for call in calls:
            if _name(call.func) in _DECLARING_ALL:
                yield from (pattern for node in call.args for pattern in _patterns(node, blank))
            if _name(call.func) in _DECLARING:
                given = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "account_fields")]
                yield from (pattern for node in given for pattern in _patterns(node, blank))


def _builds(call: ast.Call) -> bool:
    """Whether a call builds a dtype: ``np.dtype(...)``, ``record(...)``."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr == "dtype"
    return _name(call.func) == "record"


def _patterns(node: ast.AST, blank: str) -> Iterator[str]:
    """Every word within a node, as a pattern."""
    for part in ast.walk(node):
        if isinstance(part, ast.JoinedStr):
            yield "".join(re.escape(_text(value)) if _text(value) else f"(?:{blank})" for value in part.values)
        elif _text(part).isidentifier():
            yield re.escape(_text(part))


def _text(node: ast.AST) -> str:
    """The string that a node is; empty where it is none."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def named(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every field that a module's functions read or write.

    Example:
        >>> list(named(ast.parse('@kernel\\ndef f(a):\\n    a["x"] = a[0]["y"]')))
        [(3, 'x'), (3, 'y')]
        >>> list(named(ast.parse('def f(a: Row, b):\\n    a["x"] = b["y"]')))
        [(2, 'x')]
    """
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            is_compiled = any(_name(each) in _COMPILED for each in function.decorator_list)
            tables = set(_tables_of(function))
            for node in ast.walk(function):
                if isinstance(node, ast.Subscript) and (is_compiled or _root(node) in tables):
                    if _text(node.slice):
                        yield node.lineno, _text(node.slice)


def problems(folder: Path) -> list[str]:
    """What is wrong in the Python files under a folder, one message each."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.py"))}
    known = re.compile("|".join({pattern for tree in trees.values() for pattern in declared(tree)}))
    return [
        f"{path.relative_to(folder)}:{line}: no table has a field '{name}'"
        for path, tree in trees.items()
        for line, name in sorted(set(named(tree)))
        if not known.fullmatch(name)
    ]


def _tables_of(function: ast.FunctionDef) -> Iterator[str]:
    """Names that a function annotates as rows or tables."""
    for node in ast.walk(function):
        if isinstance(node, ast.arg) and node.annotation is not None and _name(node.annotation) in _TABLES:
            yield node.arg
        elif isinstance(node, ast.AnnAssign) and _name(node.annotation) in _TABLES:
            yield _name(node.target)


def _root(node: ast.expr) -> str:
    """The name that a chain of subscripts begins with; empty where it begins with none."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _name(node: ast.expr) -> str:
    """The last part of a name; empty for other expressions."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def main() -> int:
    """Check the folder that is named, or the sources; print what is wrong."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCES
    found = problems(folder)
    for problem in found:
        sys.stderr.write(problem + "\n")
    sys.stdout.write(f"fields: {len(found)} unknown\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
