"""Sources digest: it follows what a file imports from its own folder, and nothing else."""

from pathlib import Path

import pytest

from quaestor.jit.sources import sources_digest


def write(folder: Path, **files: str) -> Path:
    """Write files by their stems, and return the first one's path."""
    for stem, text in files.items():
        path = folder / f"{stem.replace('__in__', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder / f"{next(iter(files)).replace('__in__', '/')}.py"


def test_editing_an_imported_file_changes_the_digest(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        mine="import numpy\nfrom helper import x\nimport pkg.a as a\n",
        helper="import deeper\nx = 1\n",
        deeper="y = 1\n",
        bystander="z = 1\n",
        pkg__in____init__="",
        pkg__in__a="from . import b\n",
        pkg__in__b="w = 1\n",
    )
    first = sources_digest(path)
    assert sources_digest(path) == first
    write(tmp_path, bystander="z = 2\n")
    assert sources_digest(path) == first
    seen = {first}
    for edited in ("deeper", "pkg__in__b", "pkg__in__a", "helper", "mine"):
        write(tmp_path, **{edited: f"edited = '{edited}'\n"})
        assert sources_digest(path) not in seen, edited
        seen.add(sources_digest(path))


def test_relative_and_circular_imports_are_followed(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        pkg__in__a="from .b import x\nfrom pkg.c import y\n",
        pkg__in__b="from .a import z\nx = 1\n",
        pkg__in__c="y = 1\n",
        pkg__in____init__="",
    )
    first = sources_digest(path)
    write(tmp_path, pkg__in__c="y = 2\n")
    second = sources_digest(path)
    write(tmp_path, pkg__in__b="x = 2\n")
    assert len({first, second, sources_digest(path)}) == 3


def test_a_file_with_a_syntax_error_has_a_digest_and_a_missing_one_is_refused(tmp_path: Path) -> None:
    broken = write(tmp_path, broken="def (")
    assert sources_digest(broken)
    with pytest.raises(OSError, match="No such file"):
        sources_digest(tmp_path / "absent.py")
