"""Source digest: digest of a source file outside the package and its imports, under which its machine code is cached.

When a file, or a helper beside it that it imports, is edited, everything compiles afresh, as inside the package.
"""

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path


def sources_digest(path: str | Path) -> str:
    """Return the hex digest of a file and of the files beside it (or in its package) that it imports, recursively.

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
    """Yield the files beside `path`, or in its package, that its imports name."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return  # importing it raises the error
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
