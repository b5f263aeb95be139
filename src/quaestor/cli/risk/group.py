"""`quaestor risk`: the commands on the risk officer: limits, their use, verdicts about orders."""

import typer

from quaestor.cli.risk.limits import limits
from quaestor.cli.risk.question import assess_orders
from quaestor.cli.risk.show import show

risk_app = typer.Typer(no_args_is_help=True, help="Show the risk officer's limits and their use; ask about an order.")
risk_app.command("show")(show)
risk_app.command("limits")(limits)
risk_app.command("test")(assess_orders)
