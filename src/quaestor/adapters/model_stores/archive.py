"""Tables as one ``.npz`` file, the same tables as the same bytes, and read back without trusting it.

Written as a ZIP archive of stored (never compressed) ``.npy`` members in the order of their names, with fixed time
stamps and permissions. numpy reads it; here it is read by its layout, which the manifest told: what does not look
exactly as `write_tables` writes it is refused, so nothing can be hidden in it, unpacked from it or run by it.
"""

import io
import math
import zipfile
from collections.abc import Mapping

import numpy as np

from quaestor.adapters.model_stores.layout import TABLE_NAME, TableLayout, canonical, dtype_of, sizes
from quaestor.errors import ModelError
from quaestor.jit.tables import Table

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MEMBER_OVERHEAD_BYTES = 1 << 16


def write_tables(tables: Mapping[str, Table]) -> bytes:
    """The archive of some tables.

    Raises:
        ModelError: a name that is no plain word.
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED, allowZip64=True) as file:
        for name in sorted(tables):
            if TABLE_NAME.fullmatch(name) is None:
                raise ModelError(f"'{name}' is no name of a table", remedy="use small letters, digits and _")
            member = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            member.create_system = 3
            member.external_attr = 0o644 << 16
            with file.open(member, "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, canonical(tables[name]), version=(1, 0), allow_pickle=False)
    return archive.getvalue()


def read_tables(content: bytes, layouts: Mapping[str, TableLayout]) -> dict[str, Table]:
    """The tables of an archive, which must be those of the layouts and be written as `write_tables` writes them.

    Raises:
        ModelError: anything else, without a place.
    """
    expected = sizes(layouts)
    if len(content) > sum(expected.values()) + _MEMBER_OVERHEAD_BYTES * (len(expected) + 1):
        raise ModelError("holds more than its manifest tells")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            members = file.infolist()
            if [member.filename for member in members] != [f"{name}.npy" for name in sorted(layouts)]:
                raise ModelError("holds other tables than its manifest tells")
            for member in members:
                if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
                    raise ModelError(f"{member.filename} is compressed or encrypted")
            tables = {name: _read(file.read(f"{name}.npy"), layouts[name]) for name in sorted(layouts)}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise ModelError(f"is no archive of tables: {error}") from error
    if write_tables(tables) != content:
        raise ModelError("holds more than its tables")
    return {name: tables[name] for name in layouts}


def _read(member: bytes, layout: TableLayout) -> Table:
    """One table; nothing is allocated before its header has said what the manifest says."""
    stream = io.BytesIO(member)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ModelError("a table is of another version of the format")
    header = np.lib.format.read_array_header_1_0(stream, max_header_size=_MEMBER_OVERHEAD_BYTES)
    dtype = dtype_of(layout.record)
    numbers = member[stream.tell() :]
    if header != (layout.shape, False, dtype) or len(numbers) != math.prod(layout.shape) * dtype.itemsize:
        raise ModelError("a table is of another layout than its manifest tells")
    return np.frombuffer(bytearray(numbers), dtype).reshape(layout.shape)
