"""The limits of the risk officer that a configuration may override, taken from the catalogs."""

from quaestor.risk.contract import Setting


def risk_limits() -> dict[str, Setting]:
    """Every limit by name. The catalogs are imported on the first call: they bring the compiler with them."""
    from quaestor.risk.catalog import RULES
    from quaestor.risk.exits.catalog import EXITS, TARGET

    settings = [setting for rule in RULES for setting in rule.settings]
    settings += [setting for exit_rule in EXITS for setting in exit_rule.settings]
    return {setting.name: setting for setting in (*settings, TARGET)}
