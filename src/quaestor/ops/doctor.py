"""Machine check: whether this machine is fit to run Quaestor; each check measures one thing and names a remedy."""

import os
import platform
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from itertools import pairwise
from pathlib import Path

_GIB = 1024**3
_MIB = 1024**2
_SYNC_SAMPLES = 50
#: Extras that only developers of Quaestor install.
_DEVELOPERS = ("test", "check")


class Health(StrEnum):
    """Outcome of a check."""

    OK = "ok"
    WARN = "warn"  # works, with a drawback
    FAIL = "fail"  # something will not work


@dataclass(frozen=True, slots=True)
class Finding:
    """Outcome of one check: what was found, and the remedy unless all is well."""

    name: str
    health: Health
    found: str
    remedy: str = ""


def diagnose(directory: Path) -> list[Finding]:
    """Run every check; `directory` is where journals and results would be written."""
    checks: tuple[Callable[[], Finding], ...] = (
        check_python,
        check_dependencies,
        check_extras,
        check_cpu,
        check_memory,
        check_kernel_cache,
        check_compiler,
        lambda: check_disk(directory),
        lambda: check_data_directory(directory),
        lambda: check_sync(directory),
        check_clock,
        check_terminal,
    )
    return [check() for check in checks]


def check_python() -> Finding:
    """Check the interpreter."""
    found = (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}"
    )
    if platform.python_implementation() != "CPython":
        return Finding("python", Health.FAIL, found, "use CPython: the compiler needs it")
    return Finding("python", Health.OK, found)


def check_dependencies() -> Finding:
    """Check that every requirement of the base installation is there, and new enough."""
    return compare_requirements(requires("quaestor") or [], _installed)


def check_extras() -> Finding:
    """Check which optional dependencies are installed; those of developers are left out."""
    return compare_extras(requires("quaestor") or [], _installed)


def compare_extras(requirements: Iterable[str], installed: Callable[[str], str | None]) -> Finding:
    """Compare requirements such as ``plotly>=5.24; extra == 'report'`` with what is installed. Never a failure."""
    missing: dict[str, list[str]] = {}
    for requirement in requirements:
        match = re.match(r"([A-Za-z0-9_.-]+).*extra == ['\"](\w+)['\"]", requirement)
        if match is not None and match[2] not in _DEVELOPERS:
            absent = missing.setdefault(match[2], [])
            absent += [match[1]] if installed(match[1]) is None else []
    there = [name for name, absent in missing.items() if not absent]
    lacking = [f"{name} (lacks {', '.join(absent)})" for name, absent in missing.items() if absent]
    return Finding("extras", Health.OK, "; ".join(filter(None, [", ".join(there), *lacking])) or "none")


def compare_requirements(requirements: Iterable[str], installed: Callable[[str], str | None]) -> Finding:
    """Compare requirements such as ``numpy>=2.1`` with what is installed."""
    found: list[str] = []
    bad: list[str] = []
    for requirement in requirements:
        match = re.match(r"([A-Za-z0-9_.-]+)(?:>=([0-9.]+))?", requirement)
        if match is None or "extra ==" in requirement:
            continue
        name, least = match[1], match[2]
        have = installed(name)
        found.append(f"{name} {have or 'missing'}")
        if have is None or (least is not None and _release(have) < _release(least)):
            bad.append(requirement)
    text = ", ".join(found)
    if bad:
        return Finding("dependencies", Health.FAIL, text, f"install {', '.join(bad)}: make setup")
    return Finding("dependencies", Health.OK, text)


def check_cpu() -> Finding:
    """Count the cores that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = f"{cores} usable of {os.cpu_count()}"
    if cores < 2:
        return Finding("cpu", Health.WARN, found, "with one core, live trading competes with everything else")
    return Finding("cpu", Health.OK, found)


def check_memory() -> Finding:
    """Measure the memory of the machine, or the limit of the container when that is lower."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit_file = Path("/sys/fs/cgroup/memory.max")
    if limit_file.is_file() and (text := limit_file.read_text().strip()).isdigit():
        total = min(total, int(text))
    found = f"{total / _GIB:.1f} GiB"
    if total < 2 * _GIB:
        return Finding("memory", Health.WARN, found, "2 GiB or more: the compiler alone takes several hundred MiB")
    return Finding("memory", Health.OK, found)


def check_kernel_cache() -> Finding:
    """Check that the directory of compiled code can be written."""
    from quaestor.jit.cache import cache_root

    root = cache_root()
    remedy = "set QUAESTOR_CACHE_DIR to a directory that can be written; without it every start compiles again"
    if (reason := _why_not_writable(root)) is not None:
        return Finding("kernel cache", Health.FAIL, f"{root}: {reason}", remedy)
    size = sum(file.stat().st_size for file in root.rglob("*") if file.is_file())
    return Finding("kernel cache", Health.OK, f"{root}, {size / _MIB:.1f} MiB")


def check_compiler() -> Finding:
    """Compile a function and compare its result with the interpreter's."""
    import numba

    started = time.perf_counter()
    compiled = numba.njit(error_model="numpy")(_sum_of_squares)
    result = compiled(1000)
    seconds = time.perf_counter() - started
    found = f"numba {numba.__version__} compiled in {seconds:.2f} s"
    if result != _sum_of_squares(1000):
        return Finding("compiler", Health.FAIL, f"{found}, wrong result {result}", "reinstall numba and llvmlite")
    if seconds > 5.0:
        return Finding("compiler", Health.WARN, found, "a first run will compile for minutes; later ones use the cache")
    return Finding("compiler", Health.OK, found)


def check_disk(directory: Path) -> Finding:
    """Measure the free space where results go."""
    free = shutil.disk_usage(_nearest_existing(directory)).free
    found = f"{free / _GIB:.1f} GiB free at {directory}"
    if free < _GIB // 4:
        return Finding("disk", Health.FAIL, found, "free some space: a journal that cannot be written stops trading")
    if free < 2 * _GIB:
        return Finding("disk", Health.WARN, found, "2 GiB or more, for journals of long runs")
    return Finding("disk", Health.OK, found)


def check_data_directory(directory: Path) -> Finding:
    """Check that the working directory can be written."""
    if (reason := _why_not_writable(directory)) is not None:
        return Finding(
            "data directory", Health.FAIL, f"{directory}: {reason}", "choose a directory that can be written"
        )
    return Finding("data directory", Health.OK, str(directory))


def check_sync(directory: Path) -> Finding:
    """Measure the median time to force one journal record to disk, which every order waits for before it leaves."""
    if (reason := _why_not_writable(directory)) is not None:
        return Finding("fdatasync", Health.FAIL, f"{directory}: {reason}", "choose a directory that can be written")
    samples: list[float] = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(_SYNC_SAMPLES):
            started = time.perf_counter()
            file.write(bytes(128))
            file.flush()
            os.fdatasync(file.fileno())
            samples.append(time.perf_counter() - started)
    median_us = statistics.median(samples) * 1e6
    found = f"median {median_us:,.0f} µs of {_SYNC_SAMPLES}"
    if median_us > 10_000:
        return Finding("fdatasync", Health.WARN, found, "put journals on a local SSD: every order waits this long")
    return Finding("fdatasync", Health.OK, found)


def check_clock() -> Finding:
    """Check resolution and plausibility of the wall clock."""
    stamps = [time.time_ns() for _ in range(2000)]
    steps = [after - before for before, after in pairwise(stamps) if after > before]
    step_ns = min(steps, default=10**9)
    found = f"{time.strftime('%Y-%m-%d %H:%M:%SZ', time.gmtime())}, step {step_ns} ns"
    if time.gmtime().tm_year < 2024:
        return Finding("clock", Health.FAIL, found, "set the clock: venues refuse requests that are seconds off")
    if step_ns > 1_000_000:
        return Finding("clock", Health.WARN, found, "the clock is coarser than a millisecond")
    return Finding("clock", Health.OK, found)


def check_terminal() -> Finding:
    """Describe how tables will look; never a failure."""
    if not sys.stdout.isatty():
        return Finding("terminal", Health.OK, "output is not a terminal: plain tables, no progress bars")
    size = shutil.get_terminal_size()
    found = f"{size.columns}×{size.lines}, {sys.stdout.encoding}"
    if size.columns < 80 or "utf" not in (sys.stdout.encoding or "").lower():
        return Finding("terminal", Health.WARN, found, "80 columns and UTF-8 make tables readable; or use --json")
    return Finding("terminal", Health.OK, found)


def _sum_of_squares(n: int) -> int:
    total = 0
    for i in range(n):
        total += i * i
    return total


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _release(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, without trailing zeros."""
    numbers = [int(part) for part in re.findall(r"\d+", re.split(r"[^0-9.]", text)[0])]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _nearest_existing(path: Path) -> Path:
    path = path.resolve()
    return next(candidate for candidate in (path, *path.parents) if candidate.exists())


def _why_not_writable(directory: Path) -> str | None:
    """Return None when a file can be written there, the directory created if need be; else the system's reason."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"x")
    except OSError as error:
        return error.strerror or str(error)
    return None
