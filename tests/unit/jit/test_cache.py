"""The kernel cache: an edited helper in another file, processes at the same time, fused modules."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import quaestor
from quaestor.jit.cache import INTERPRETED
from quaestor.jit.compile import interpreted, kernel
from quaestor.jit.fuse import fuse

HELPER = """
from quaestor.jit.compile import kernel

@kernel
def share(x: int) -> int:
    return x * {factor}
"""
CALLER = """
from quaestor.jit.compile import kernel
from quaestor.jit.probe_helper import share

@kernel
def probe(x: int) -> int:
    return share(x) + 1
"""
ASK = "from quaestor.jit.probe import probe; print(probe(10))"
OTHER_CALLER = """
from quaestor.jit.compile import kernel
from quaestor.jit.probe_helper import share

@kernel
def other(x: int) -> int:
    return share(x) + 2
"""
GUARDED_HELPER = """
from quaestor.jit.compile import kernel

@kernel
def share(x: int) -> int:
    if x < 0:
        raise ArithmeticError("below zero")
    return 10 // x if x == 5 else 7
"""
ASK_GUARDED = """
from quaestor.jit.{module} import {module}
try:
    print({module}(5), {module}(-1))
except ArithmeticError as error:
    print(error)
"""
TABLE_HELPER = """
import numpy as np
from quaestor.jit.compile import kernel

TABLE = np.arange(300_000)

@kernel
def share(x: int) -> int:
    return TABLE[x]
"""
FUSE = """
from quaestor.jit.fuse import fuse
source = "from quaestor.jit.compile import kernel\\n\\n@kernel\\ndef twice(x):\\n    return 2 * x\\n"
print(fuse("probe", source).twice({argument}))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A small copy of the package, to be edited: only what the compiler needs."""
    source, target = Path(quaestor.__file__).parent, tmp_path / "quaestor"
    shutil.copytree(source / "jit", target / "jit", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__init__", "errors"):
        shutil.copy(source / f"{name}.py", target / f"{name}.py")
    return target


def start(package: Path, program: str) -> "subprocess.Popen[str]":
    environment = os.environ | {
        "PYTHONPATH": str(package.parent),
        "QUAESTOR_CACHE_DIR": str(package.parent / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",  # an edit within the same second is an edit
    }
    return subprocess.Popen(
        [sys.executable, "-c", program], env=environment, cwd=package.parent, text=True, stdout=subprocess.PIPE
    )


def answer(package: Path, program: str) -> str:
    process = start(package, program)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return out.strip()


def machine_code(package: Path) -> set[Path]:
    return set((package.parent / "cache").rglob("*.nbc"))


def test_editing_a_helper_in_another_file_gives_a_new_answer(package: Path) -> None:
    (package / "jit" / "probe.py").write_text(CALLER)
    (package / "jit" / "probe_helper.py").write_text(HELPER.format(factor=2))
    assert answer(package, ASK) == "21"
    kept = machine_code(package)
    assert kept
    assert answer(package, ASK) == "21"
    assert machine_code(package) == kept  # nothing was compiled again
    (package / "jit" / "probe_helper.py").write_text(HELPER.format(factor=3))
    assert answer(package, ASK) == "31"
    assert machine_code(package) > kept


def test_a_called_kernel_is_kept_for_other_callers_with_its_errors(package: Path) -> None:
    (package / "jit" / "probe.py").write_text(CALLER)
    (package / "jit" / "other.py").write_text(OTHER_CALLER)
    (package / "jit" / "probe_helper.py").write_text(GUARDED_HELPER)
    assert answer(package, ASK_GUARDED.format(module="probe")) == "below zero"
    kept = machine_code(package)
    assert answer(package, ASK_GUARDED.format(module="other")) == "below zero"
    assert {path.parent.name for path in machine_code(package) - kept} == {"jit.other"}
    assert answer(package, "from quaestor.jit.other import other; print(other(5))") == "4"


def damage(path: Path, how: str) -> None:
    data = path.read_bytes()
    middle = len(data) // 2
    one_bit = data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :]
    path.write_bytes({"empty": b"", "cut off": data[:middle], "other bytes": b"\x80garbage", "a bit": one_bit}[how])


@pytest.mark.parametrize("pattern", ["*.nbi", "*.nbc", "generated/*.py"])
@pytest.mark.parametrize("how", ["empty", "cut off", "other bytes", "a bit"])
def test_damaged_files_are_made_again(package: Path, pattern: str, how: str) -> None:
    fused = FUSE.format(argument="21")
    assert answer(package, fused) == "42"
    files = [path for path in (package.parent / "cache").rglob("*") if path.match(pattern)]
    assert files
    for path in files:
        damage(path, how)
    assert answer(package, fused) == "42"


def test_a_cache_that_cannot_be_made_is_named(package: Path) -> None:
    (package / "jit" / "probe.py").write_text(CALLER)
    (package / "jit" / "probe_helper.py").write_text(HELPER.format(factor=2))
    (package.parent / "cache").write_text("a file in the way")
    asked = "from quaestor.errors import ConfigError\ntry:\n    {}\nexcept ConfigError as error:\n    print(error)"
    assert "QUAESTOR_CACHE_DIR" in answer(package, asked.format(ASK.replace("; ", "\n    ")))


def test_code_with_an_address_in_it_is_never_kept(package: Path) -> None:
    (package / "jit" / "probe.py").write_text(CALLER)
    (package / "jit" / "probe_helper.py").write_text(TABLE_HELPER)
    for _ in range(2):
        assert answer(package, ASK) == "11"
    assert not machine_code(package)


def test_old_generations_are_dropped(package: Path) -> None:
    (package / "jit" / "probe.py").write_text(CALLER)
    for factor in range(6):
        (package / "jit" / "probe_helper.py").write_text(HELPER.format(factor=factor))
        assert answer(package, "from quaestor.jit.cache import cache_directory; cache_directory()") == ""
    assert len(list((package.parent / "cache").iterdir())) == 4


def test_processes_at_the_same_time_do_not_run_each_others_code(package: Path) -> None:
    """Four processes compile different specialisations of one fused function into one empty cache."""
    arguments = ["1", "1.5", "True", "2.5"]
    processes = [start(package, FUSE.format(argument=argument)) for argument in arguments]
    assert [process.communicate(timeout=120)[0].strip() for process in processes] == ["2", "3.0", "2", "5.0"]
    again = [answer(package, FUSE.format(argument=argument)) for argument in arguments]
    assert again == ["2", "3.0", "2", "5.0"]


def test_the_same_text_is_the_same_module() -> None:
    source = "from quaestor.jit.compile import kernel\n\n\n@kernel\ndef thrice(x):\n    return 3 * x\n"
    first = fuse("test_same_text", source)
    assert fuse("test_same_text", source) is first
    other = fuse("test_same_text", source.replace("3 * x", "4 * x"))
    assert (first.thrice(5), other.thrice(5)) == (15, 20)


def half(x: float) -> float:
    return x / 2


def test_the_plain_function_stays_at_hand() -> None:
    compiled = kernel(half)
    assert compiled(3.0) == interpreted(compiled)(3.0) == 1.5
    assert interpreted(compiled) is half
    assert interpreted(half) is half
    assert (os.environ.get("QUAESTOR_INTERPRET") == "1") == INTERPRETED
