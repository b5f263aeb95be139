"""The HTML report: one file that opens anywhere, without a network."""

from quaestor.research.report.load import RunResult, load_run
from quaestor.research.report.page import write_report

__all__ = ["RunResult", "load_run", "write_report"]
