"""The digest of a file follows what it imports from beside it, and nothing else."""

from pathlib import Path

import pytest

from quaestor.jit.sources import sources_digest


def write(folder: Path, **files: str) -> Path:
    """Files by their stems; the first one's path."""
    for stem, text in files.items():
        path = folder / f"{stem.replace('__in__', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder / f"{next(iter(files)).replace('__in__', '/')}.py"


def test_an_edit_of_what_it_imports_changes_it(tmp_path: Path) -> None:
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


def test_relative_imports_and_files_that_import_one_another(tmp_path: Path) -> None:
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


def test_a_file_that_is_no_python_and_one_that_is_not_there(tmp_path: Path) -> None:
    broken = write(tmp_path, broken="def (")
    assert sources_digest(broken)
    with pytest.raises(OSError, match="No such file"):
        sources_digest(tmp_path / "absent.py")
