"""A mind: regime filter, alphas and ensemble in one compiled call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quaestor.brain.alpha.contract import AlphaInstance
from quaestor.brain.ensemble.contract import EnsembleInstance
from quaestor.brain.ensemble.weighted import make_weighted
from quaestor.brain.regime.catalog import parse_regime
from quaestor.brain.regime.contract import Codes, RegimeInstance
from quaestor.errors import ConfigError
from quaestor.kernels.chain import Chain, Link, Matrix, chain_kernels
from quaestor.kernels.layout import Table

_SIGNATURE = ("features", "columns", "signal_out", "regime_out", "i", "n")


@dataclass(frozen=True, slots=True, eq=False)
class Mind:
    """A compiled brain, from features to one signal.

    `features` are the canonical names of the rows that it reads, in order, of the feature matrix (which may have more
    rows after them). Rows 0 and 1 of its output are the combined signal and confidence; with several alphas their
    votes follow, rows 2 + 2j and 3 + 2j the signal and confidence of alpha j.
    """

    regime: RegimeInstance
    alphas: tuple[AlphaInstance, ...]
    ensemble: EnsembleInstance
    features: tuple[str, ...]
    n_outputs: int  # rows that `signal_out` must have: 2, or 2 + 2m with m > 1 alphas
    chain: Chain
    #: ``advance(state, features, columns, signal_out, regime_out, i, n)``: rows i … n−1, one call. `signal_out` is
    #: float64 (n_outputs, N), `regime_out` int8 (N,).
    advance: Callable[[Table, Matrix, Matrix, Matrix, Codes, int, int], None]

    def new_state(self) -> Table:
        """A fresh state: one element; its bytes are all that a restart needs."""
        return self.chain.new_state()


def make_mind(
    alphas: Sequence[AlphaInstance], regime: RegimeInstance | None = None, ensemble: EnsembleInstance | None = None
) -> Mind:
    """Join alphas under a regime filter (`none` by default) and an ensemble (equal weights by default).

    Raises:
        ConfigError: no alpha, or an ensemble made for another number of alphas.
    """
    if not alphas:
        raise ConfigError("no strategy chosen", place="brain", remedy="choose at least one")
    chosen = regime if regime is not None else parse_regime("none", {})
    joined = ensemble if ensemble is not None else make_weighted(alphas)
    if joined.n_alphas != len(alphas):
        raise ConfigError(f"an ensemble of {joined.n_alphas} was given {len(alphas)} strategies", place="brain")
    features = list(chosen.features)
    links = [_link(chosen, 0, "regime_out")]
    alone = len(alphas) == 1
    for j, alpha in enumerate(alphas):
        first = 0 if alone else 2 + 2 * j
        links.append(_link(alpha, len(features), f"signal_out[{first}:{first + 2}]"))
        features += alpha.features
    n_outputs = 2 if alone else 2 + 2 * len(alphas)
    if not alone:
        arguments = (f"signal_out[2:{n_outputs}]", "regime_out", "signal_out[0:2]", "i", "n")
        links.append(Link(joined.ensemble.advance, arguments, joined.ensemble.state_dtype, joined.params))
    chain = chain_kernels("mind", links, _SIGNATURE, [("features", len(features)), ("signal_out", n_outputs)])
    return Mind(chosen, tuple(alphas), joined, tuple(features), n_outputs, chain, chain.advance)


def _link(part: AlphaInstance | RegimeInstance, first: int, out: str) -> Link:
    rows = f"features[{first}:{first + len(part.features)}]"
    return Link(part.definition.advance, (rows, "columns", out, "i", "n"), part.state_dtype, part.params())
