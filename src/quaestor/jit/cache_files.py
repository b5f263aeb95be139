"""Cache files: a function's index and machine code on disk, each behind a digest of its content.

Machine code is run as it is read, so a bit that a disk or an interrupted copy changed would crash the process or give
wrong numbers. A file that does not match its digest counts as absent, and the function is compiled again.
"""

import hashlib
import pickle
from pathlib import Path
from typing import Any

from numba.core.caching import IndexDataCacheFile

_DIGEST_BYTES = 32


class CacheFiles(IndexDataCacheFile):  # type: ignore[misc]
    """Numba's cache files of one function, checked when they are read."""

    def _load_index(self) -> dict[Any, str]:
        try:
            stamp, names = pickle.loads(_checked(Path(self._index_path)))
        except FileNotFoundError:
            return {}
        return dict(names) if stamp == self._source_stamp else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_path, (self._source_stamp, overloads))

    def _load_data(self, name: str) -> Any:
        return pickle.loads(_checked(Path(self._data_path(name))))

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), data)

    def _write(self, path: str, content: Any) -> None:
        data = self._dump(content)
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(data).digest() + data)


def _checked(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        FileNotFoundError: there is no such file, or it is damaged.
    """
    raw = path.read_bytes()
    digest, data = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
    if hashlib.sha256(data).digest() != digest:
        raise FileNotFoundError(f"{path} is damaged")
    return data
