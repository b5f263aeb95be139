"""HTML report: one file that opens anywhere, without a network."""

from quaestor.report.load import SavedRun, load_run
from quaestor.report.page import write_report

__all__ = ["SavedRun", "load_run", "write_report"]
