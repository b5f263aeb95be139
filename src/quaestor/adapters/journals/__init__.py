"""Journals: checksummed segments on disk, or records in memory."""

from quaestor.adapters.journals.memory import MemoryJournal
from quaestor.adapters.journals.segments import SegmentReader, SegmentWriter

__all__ = ["MemoryJournal", "SegmentReader", "SegmentWriter"]
