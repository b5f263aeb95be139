"""`quaestor doctor`: check this machine, and print remedies."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from quaestor.cli import output
from quaestor.ops.doctor import Finding, Health, diagnose

_STYLE = {Health.OK: "green", Health.WARN: "yellow", Health.FAIL: "bold red"}


def doctor(
    directory: Annotated[
        Path, typer.Option("--dir", help="Where journals and results would be written.", show_default="here")
    ] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check Python, libraries, memory, caches, disk, clock and compiler. Exit status 1 when something will not work."""
    with output.progress("checking", silent=as_json):
        findings = diagnose(directory)
    worst = max((finding.health for finding in findings), key=list(Health).index)
    if as_json:
        output.print_json({"health": worst.value, "checks": [_to_row(finding) for finding in findings]})
    else:
        table = output.make_table("Doctor", "check", "", "found", "remedy")
        for finding in findings:
            style = _STYLE[finding.health]
            table.add_row(
                finding.name,
                f"[{style}]{finding.health.value}[/{style}]",
                escape(finding.found),
                escape(finding.remedy),
            )
        output.console.print(table)
    if worst is Health.FAIL:
        raise typer.Exit(1)


def _to_row(finding: Finding) -> dict[str, str]:
    return {
        "name": finding.name,
        "health": finding.health.value,
        "found": finding.found,
        "remedy": finding.remedy,
    }
