"""What a source file outside the package is made of: machine code made from it is kept under the digest of all of it.

Edit a file, or a helper beside it that it imports, and everything compiles afresh, as inside the package.
"""

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path


def sources_digest(path: str | Path) -> str:
    """Hex digest of a file and of the files beside it (or in its package) that it imports, and those they import.

    Raises:
        OSError: when there is no such file.
    """
    first = Path(path).resolve()
    found = {first: first.read_bytes()}
    waiting = [first]
    while waiting:
        current = waiting.pop()
        for imported in _imported(current, found[current]):
            if imported not in found:
                found[imported] = imported.read_bytes()
                waiting.append(imported)
    digest = hashlib.sha256()
    for each in sorted(found):
        digest.update(found[each])
    return digest.hexdigest()[:16]


def _imported(path: Path, text: bytes) -> Iterator[Path]:
    """Files beside `path`, or in the package that it is part of, that its imports name."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return  # whoever imports it says so
    root = path.parent
    while (root / "__init__.py").exists():
        root = root.parent
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [(folder, alias.name) for alias in node.names for folder in (path.parent, root)]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            folders = [path.parent, root] if node.level == 0 else [path.parents[node.level - 1]]
            inner = [f"{base}.{alias.name}".strip(".") for alias in node.names]
            names = [(folder, name) for folder in folders for name in (base, *inner) if name]
        else:
            continue
        for folder, name in names:
            stem = folder.joinpath(*name.split("."))
            yield from (file for file in (stem.with_suffix(".py"), stem / "__init__.py") if file.is_file())
