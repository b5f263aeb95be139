"""Journal segment layout: encodes and decodes the bytes of a segment.

    segment = file header, records …
    header  = magic "QJRNL\\n" | u16 version | u32 segment number | u64 number of its first record | digest
    record  = u32 payload length | u8 kind | u64 record number | u32 CRC-32 of those 13 bytes | payload | digest

All integers are little-endian; a digest has 16 bytes. The digest of a record is BLAKE2b over the previous digest, the
record's head and its payload; the chain of a segment starts from its header, which holds the last digest of the segment
before (zeros in the first). So every altered, dropped, inserted or moved byte is detected. The CRC distinguishes a
damaged length from a record whose end was never written.
"""

from hashlib import blake2b
from struct import Struct
from zlib import crc32

MAGIC = b"QJRNL\n"
VERSION = 1
DIGEST_BYTES = 16
GENESIS = bytes(DIGEST_BYTES)

_FILE_HEADER = Struct(f"<6sHIQ{DIGEST_BYTES}s")
_HEAD = Struct("<IBQ")
_CRC = Struct("<I")
FILE_HEADER_BYTES = _FILE_HEADER.size
HEAD_BYTES = _HEAD.size + _CRC.size


def segment_name(number: int) -> str:
    """Return the file name of a segment.

    Example:
        >>> segment_name(7)
        'segment-000007.qj'
    """
    return f"segment-{number:06d}.qj"


def file_header(segment: int, first_number: int, previous: bytes) -> bytes:
    """Return the header of a segment, fully determined by the segments before it."""
    return _FILE_HEADER.pack(MAGIC, VERSION, segment, first_number, previous)


def is_journal_magic(start: bytes) -> bool:
    """Return whether a file starts with the magic bytes of a journal segment, of any version."""
    return start[: len(MAGIC)] == MAGIC


def version_of(header: bytes) -> int:
    """Return the format version in a complete file header."""
    return int.from_bytes(header[len(MAGIC) : len(MAGIC) + 2], "little")


def chain(previous: bytes, *parts: bytes | memoryview) -> bytes:
    """Return the digest that follows `previous` when `parts` are appended."""
    digest = blake2b(previous, digest_size=DIGEST_BYTES)
    for part in parts:
        digest.update(part)
    return digest.digest()


def record_head(length: int, kind: int, number: int) -> bytes:
    """Return the head of a record with its CRC."""
    head = _HEAD.pack(length, kind, number)
    return head + _CRC.pack(crc32(head))


def parse_head(head: bytes) -> tuple[int, int, int] | None:
    """Return (payload length, kind, record number), or None when the head does not match its CRC."""
    if _CRC.unpack_from(head, _HEAD.size)[0] != crc32(head[: _HEAD.size]):
        return None
    length, kind, number = _HEAD.unpack_from(head)
    return length, kind, number
