"""`quaestor features`: the commands on features."""

import typer

from quaestor.cli.features.bench import bench
from quaestor.cli.features.check import check
from quaestor.cli.features.compute import compute
from quaestor.cli.features.fit import fit_app
from quaestor.cli.features.list import list_
from quaestor.cli.features.select import select
from quaestor.cli.features.show import show

features_app = typer.Typer(no_args_is_help=True, help="List, explain, compute, check and select features.")
features_app.command("list")(list_)
features_app.command("show")(show)
features_app.command("compute")(compute)
features_app.command("check")(check)
features_app.command("bench")(bench)
features_app.command("select")(select)
features_app.add_typer(fit_app, name="fit")
