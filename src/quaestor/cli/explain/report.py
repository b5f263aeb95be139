"""`quaestor report`: one HTML file of one or more runs."""

from pathlib import Path
from typing import Annotated

import typer

from quaestor.cli import output
from quaestor.report import write_report
from quaestor.report.document import load_chart_library


def report(
    out_dirs: Annotated[list[Path], typer.Argument(metavar="OUT_DIR...", help="Output directories of runs.")],
    html: Annotated[Path, typer.Option("--html", metavar="FILE", help="Where to write the report.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write one self-contained HTML report: comparison, equity, drawdown, trades on candles, verdicts, costs."""
    load_chart_library()
    with output.progress("writing the report", silent=as_json):
        target = write_report(out_dirs, html)
    if as_json:
        output.print_json({"html": target, "runs": len(out_dirs), "bytes": target.stat().st_size})
    else:
        output.console.print(f"report of {len(out_dirs)} run{'s' if len(out_dirs) > 1 else ''}: ", end="")
        output.console.print(str(target), markup=False, soft_wrap=True)
