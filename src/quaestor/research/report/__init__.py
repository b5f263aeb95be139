"""The HTML report: one file that opens anywhere, without a network."""

from quaestor.research.report.load import SavedRun, load_run
from quaestor.research.report.page import write_report

__all__ = ["SavedRun", "load_run", "write_report"]
