"""How generated code asks the rules of the catalog, as source text."""

from textwrap import indent

from quaestor.risk.catalog import RULES
from quaestor.risk.contract import Rule

#: What a limit is at least that counts as infinite: a rule may multiply its own.
INFINITE = 1e300
_STEP = "    "

#: Import of every rule's kernel, as ``permit_NAME``.
IMPORTS = "\n".join(f"from {rule.permit.__module__} import permit as permit_{rule.name}" for rule in RULES)


def call(rule: Rule, target: str) -> str:
    """A rule's answer about a target."""
    return f"permit_{rule.name}(account, books, index, instrument, params[{rule.name!r}], ticks, {target})"


def where_on(rule: Rule, block: str) -> str:
    """A block that is passed over where the rule is off. A limit that is no number is not off."""
    return indent(f"if not {limit(rule)} >= {INFINITE}:\n{indent(block, _STEP)}" if rule.switch else block, _STEP)


def limit(rule: Rule) -> str:
    """The number that switches a rule off where it is infinite."""
    return f"params[{rule.name!r}][{rule.switch!r}]"
