"""Signal model: regime filter, alphas and ensemble in one compiled call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.alpha.contract import AlphaInstance
from quaestor.brain.ensemble.contract import EnsembleInstance
from quaestor.brain.ensemble.weighted import make_weighted
from quaestor.brain.regime.catalog import parse_regime
from quaestor.brain.regime.contract import Codes, RegimeInstance
from quaestor.errors import ConfigError
from quaestor.jit.chain import Chain, Link, chain_kernels
from quaestor.jit.tables import Matrix, Table

#: Arguments of a signal model after its state and its tables.
SIGNATURE = ("ts", "features", "columns", "funding", "opinion", "regimes", "i", "n")

#: Outputs of an alpha, and first outputs of every signal model.
_COMBINED = ("signal", "confidence")
_PAIR = len(_COMBINED)
#: Rows of the combined opinion.
SIGNAL, CONFIDENCE = range(_PAIR)
#: Rows from `SignalModel.edge_row` on.
EDGE, EDGE_ERROR, EDGE_BARS = range(3)


@dataclass(frozen=True, slots=True, eq=False)
class SignalModel:
    """Compiled model from features to one signal.

    `features` are the canonical names of the rows that it reads, in order, of the feature matrix (which may have more
    rows after them). `outputs` names the rows that it writes: always the combined signal and confidence first; what
    follows (the votes of several alphas, say) explains them.

    Trained values are not in its code but in `tables`, which it is called with: a model trained again is another table
    of the same layout.
    """

    alphas: tuple[AlphaInstance, ...]
    features: tuple[str, ...]
    outputs: tuple[str, ...]
    chain: Chain
    #: ``advance(state, *tables, ts, features, columns, funding, opinion, regimes, i, n)``: rows i … n−1, one call. `ts`
    #: is int64 (N,), open times; `funding` float64 (3, N), see `engine.market_rows`; `opinion` float64 (n_outputs, N);
    #: `regimes` int8 (N,).
    advance: Callable[..., None]
    tables: Mapping[str, Table] = field(default_factory=dict)
    #: Of the outputs: the expected edge, see `EDGE`; its standard error and the bars that it is expected over follow.
    #: −1: not estimated.
    edge_row: int = -1

    @property
    def n_outputs(self) -> int:
        """Return the number of rows of `opinion`."""
        return len(self.outputs)

    @property
    def is_plain(self) -> bool:
        """Return whether its opinion is the signal and the confidence only."""
        return len(self.outputs) == len(_COMBINED)

    @property
    def alpha_signals(self) -> slice:
        """Return the rows of the signals of several alphas before they were combined; none of a single one."""
        return slice(_PAIR + SIGNAL, self.n_outputs, _PAIR)

    def new_state(self) -> Table:
        """Return a fresh state: one element; its bytes are all that a restart needs."""
        return self.chain.new_state()

    def opinions(
        self,
        features: Matrix,
        columns: Matrix,
        ts: NDArray[np.int64] | None = None,
        funding: Matrix | None = None,
        state: Table | None = None,
    ) -> tuple[Matrix, Codes]:
        """Return opinions, float64 (n_outputs, N), and regimes, int8 (N,), of all rows at once.

        Without `ts` all rows are at the epoch, without `funding` nothing is paid, without `state` it is fresh; a given
        state is updated.
        """
        n = columns.shape[1]
        opinion, regimes = np.zeros((self.n_outputs, n)), np.zeros(n, np.int8)
        stamps = np.zeros(n, np.int64) if ts is None else ts
        paid = np.zeros((3, n)) if funding is None else funding
        begun = self.new_state() if state is None else state
        self.advance(begun, *self.tables.values(), stamps, features, columns, paid, opinion, regimes, 0, n)
        return opinion, regimes


def make_signal_model(
    alphas: Sequence[AlphaInstance], regime: RegimeInstance | None = None, ensemble: EnsembleInstance | None = None
) -> SignalModel:
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
    links = [link_part(chosen, 0, "regimes")]
    alone = len(alphas) == 1
    for j, alpha in enumerate(alphas):
        first = 0 if alone else _PAIR + _PAIR * j
        links.append(link_part(alpha, len(features), f"opinion[{first}:{first + _PAIR}]"))
        features += alpha.features
    outputs = [*_COMBINED]
    if not alone:
        outputs += [f"{alpha.name}.{what}" for alpha in alphas for what in _COMBINED]
        arguments = (f"opinion[{_PAIR}:{len(outputs)}]", "regimes", f"opinion[0:{_PAIR}]", "i", "n")
        links.append(Link(joined.ensemble.advance, arguments, joined.ensemble.state_dtype, joined.params))
    chain = chain_kernels("signal_model", links, SIGNATURE, [("features", len(features)), ("opinion", len(outputs))])
    return SignalModel(tuple(alphas), tuple(features), tuple(outputs), chain, chain.advance)


def link_part(part: AlphaInstance | RegimeInstance, first: int, out: str) -> Link:
    """Return the call of an alpha or a regime filter whose features begin at row `first`, writing to `out`."""
    rows = f"features[{first}:{first + len(part.features)}]"
    return Link(part.definition.advance, (rows, "columns", out, "i", "n"), part.state_dtype, part.params())
