"""Rule calls: source text with which generated code evaluates the rules of the catalog."""

from textwrap import indent

from quaestor.risk.catalog import RULES
from quaestor.risk.contract import Rule

#: Least limit that counts as infinite: a rule may multiply its own.
INFINITE = 1e300
_STEP = "    "

#: Import of every rule's kernel, as ``permit_NAME``.
IMPORTS = "\n".join(f"from {rule.permit.__module__} import permit as permit_{rule.name}" for rule in RULES)


def call(rule: Rule, target: str) -> str:
    """Return the call of a rule for a target."""
    return f"permit_{rule.name}(account, books, index, instrument, params[{rule.name!r}], ticks, {target})"


def where_on(rule: Rule, block: str) -> str:
    """Return a block that is skipped where the rule is off. A limit that is NaN is not off."""
    return indent(f"if not {limit(rule)} >= {INFINITE}:\n{indent(block, _STEP)}" if rule.switch else block, _STEP)


def limit(rule: Rule) -> str:
    """Return the number that switches a rule off where it is infinite."""
    return f"params[{rule.name!r}][{rule.switch!r}]"
