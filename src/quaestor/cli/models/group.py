"""`quaestor models`: the commands on trained models."""

import typer

from quaestor.cli.models.change import promote, rollback
from quaestor.cli.models.list import compare, list_
from quaestor.cli.models.show import show

models_app = typer.Typer(no_args_is_help=True, help="List, show, compare, promote and roll back trained models.")
models_app.command("list")(list_)
models_app.command("show")(show)
models_app.command("compare")(compare)
models_app.command("promote")(promote)
models_app.command("rollback")(rollback)
