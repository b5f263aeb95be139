"""Names of machine code: processes that compile at the same time never write the same file."""

from quaestor.jit.compile import interpreted
from quaestor.jit.machine_code import _SourcesCache
from quaestor.numeric.elementary import natural_log


def test_each_cache_names_its_files_differently() -> None:
    names = {_SourcesCache(interpreted(natural_log))._cache_file._data_name(1) for _ in range(3)}
    assert len(names) == 3
    assert all(name.startswith("elementary.natural_log") for name in names)
