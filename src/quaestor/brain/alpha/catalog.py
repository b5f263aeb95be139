"""Alpha catalog: every alpha of the package; a new one costs its file and a line here."""

from collections.abc import Mapping

from quaestor.brain.alpha.breakout import BREAKOUT
from quaestor.brain.alpha.confluence import CONFLUENCE
from quaestor.brain.alpha.contract import Alpha, AlphaInstance
from quaestor.brain.alpha.ema_cross import EMA_CROSS
from quaestor.brain.alpha.mean_reversion import MEAN_REVERSION
from quaestor.brain.alpha.patterns import PATTERNS
from quaestor.brain.definition import configure
from quaestor.errors import UnknownNameError

CATALOG: tuple[Alpha, ...] = (
    EMA_CROSS,
    MEAN_REVERSION,
    BREAKOUT,
    CONFLUENCE,
    PATTERNS,
)


def parse_alpha(name: str, settings: Mapping[str, str]) -> AlphaInstance:
    """Return the named strategy with these settings, defaults for the rest.

    Raises:
        UnknownNameError: no such strategy, or no such parameter of it; the message lists similar names.
        ConfigError: a value out of range, or values that contradict one another.

    Example:
        >>> alpha = parse_alpha("ema_cross", {"fast": "10", "slow": "50", "side": "both"})
        >>> alpha.features, alpha.settings
        (('ema_10', 'ema_50'), {'fast': '10', 'slow': '50', 'side': 'both'})
    """
    alphas = {alpha.name: alpha for alpha in CATALOG}
    if name not in alphas:
        raise UnknownNameError("strategy", name, alphas)
    return configure(alphas[name], settings, kind="strategy")
