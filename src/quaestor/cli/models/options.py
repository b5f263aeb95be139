"""Options that the commands on models share."""

from pathlib import Path
from typing import Annotated

import typer

from quaestor.runtime.models.load import DEFAULT_ROOT, ENVIRONMENT

Models = Annotated[
    Path, typer.Option("--models", envvar=ENVIRONMENT, help="Folder of models.", show_default=str(DEFAULT_ROOT))
]
Name = Annotated[str, typer.Argument(help="Of the model, such as BTCUSDT-spot-1h.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]

#: Characters of a SHA-256 that tables show.
SHOWN_DIGITS = 12
