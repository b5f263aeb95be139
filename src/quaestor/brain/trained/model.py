"""Trained model of an artefact: scaling, regime, classical members and the trained stage in one compiled call."""

from collections.abc import Sequence

import numpy as np

from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.brain.alpha.contract import AlphaInstance
from quaestor.brain.online.drift_response import release
from quaestor.brain.regime import trained as trained_regime
from quaestor.brain.regime.catalog import parse_regime
from quaestor.brain.signal_model import SIGNATURE, SignalModel, link_part
from quaestor.brain.trained import stage
from quaestor.brain.trained.layout import state_dtype
from quaestor.brain.trained.outputs import Output, alpha_row, inputs, output_names
from quaestor.brain.trained.settings import TradingSettings
from quaestor.brain.trained.validation import validate_trained
from quaestor.domain.artefact import Artefact
from quaestor.jit.chain import Chain, Link, chain_kernels
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.numeric.scaling import advance_scaler, memory_dtype

#: Features that the stage reads itself: volatility of a bar over a long and over a short window.
OWN_FEATURES = ("volatility_100", "volatility_20")

#: Tables of an artefact in the order of the model's arguments; a rule-based regime has no table of its own.
TABLES = ("scaler", "regime", "learned", "models", "nodes", "learners")

#: Field of the state that belongs to the stage.
_STAGE = "stage"


def make_trained_model(artefact: Artefact, settings: TradingSettings) -> SignalModel:
    """Return the compiled signal model of an artefact.

    Signal models with the same features and kinds of models share their code: only their tables differ.

    Raises:
        DataError: tables that are missing, of another layout, or that kernels could not evaluate.
        UnknownNameError: a classical member that this version does not have.
    """
    manifest = artefact.manifest
    alphas = tuple(parse_alpha(name, dict(given)) for name, given in manifest.alphas)
    validate_trained(artefact)
    names = output_names(manifest.models, manifest.features, [alpha.name for alpha in alphas])
    models, own = len(manifest.models), len(manifest.features)
    scaled = inputs(models, own)
    rows = f"opinion[{scaled.start}:{scaled.stop}]"
    links = [Link(advance_scaler, ("scaler", f"features[0:{own}]", rows, "i", "n"), memory_dtype(own))]
    features = list(manifest.features)
    links += _regime_links(artefact, features)
    links += _alpha_links(alphas, features, [alpha_row(models, own, a) for a in range(len(alphas))])
    tables = {name: artefact.tables[name] for name in TABLES if name in artefact.tables}
    tables["trading"] = settings.pack()
    links.append(_stage_link(artefact, len(features)))
    features += OWN_FEATURES
    chain = _chain(links, (*tables, *SIGNATURE), len(features), len(names))
    return SignalModel(alphas, tuple(features), names, chain, chain.advance, tables, int(Output.NET_EDGE))


def stage_state(state: Table) -> Row:
    """Return the part of a trained model's state that learns while trading; see `layout.state_dtype`."""
    return state[0][_STAGE][0]


def adopt(signal_model: SignalModel, state: Table, *, is_new: bool) -> None:
    """Prepare the state for other tables of the same layout: clear the models' scores, pending opinions and drift
    detectors; keep the position and the estimates of the market.

    A new model is on trial (see `brain.online.drift_response`); one that is restored releases nothing.
    """
    s = stage_state(state)
    s["begun"] = 0
    for part in ("outcomes", "model_scores", "block", "inputs", "predictions", "errors", "loss", "profit"):
        s[part] = np.zeros_like(s[part])
    if is_new:
        release(s["drift_response"], signal_model.tables["trading"][0]["drift_response"])


def resume_after_stop(signal_model: SignalModel, state: Table) -> None:
    """Let a signal model that drift had stopped trade again, at an operator's reset: on trial, like a new model."""
    release(stage_state(state)["drift_response"], signal_model.tables["trading"][0]["drift_response"])


def _regime_links(artefact: Artefact, features: list[str]) -> list[Link]:
    """Return the trained regime filter, or the rule-based one with a probability of 1; append their features."""
    if "regime" not in artefact.tables:
        rules = parse_regime("volatility_trend", {})
        first = len(features)
        features += rules.features
        return [link_part(rules, first, "regimes"), Link(_be_sure, (f"opinion[{int(Output.POSTERIOR)}]", "i", "n"))]
    table: Row = artefact.tables["regime"]
    names = artefact.manifest.regime_features
    rows = f"features[{len(features)}:{len(features) + len(names)}]"
    features += names
    arguments = ("regime", rows, "regimes", f"opinion[{int(Output.POSTERIOR)}]", "i", "n")
    return [
        Link(trained_regime.advance, arguments, trained_regime.trained_state_dtype(len(table[0]["codes"]), len(names)))
    ]


@kernel
def _be_sure(posterior: Row, i: int, n: int) -> None:
    """Write the probability of a rule-based regime: 1."""
    for k in range(i, n):
        posterior[k] = 1.0


def _alpha_links(alphas: Sequence[AlphaInstance], features: list[str], rows: Sequence[int]) -> list[Link]:
    links = []
    for alpha, row in zip(alphas, rows, strict=True):
        links.append(link_part(alpha, len(features), f"opinion[{row}:{row + 2}]"))
        features += alpha.features
    return links


def _stage_link(artefact: Artefact, first: int) -> Link:
    manifest = artefact.manifest
    own = f"features[{first}:{first + len(OWN_FEATURES)}]"
    tables = ("learned", "models", "nodes", "learners", "trading")
    arguments = (*tables, "ts", own, "columns", "funding", "opinion", "regimes", "i", "n")
    memory = state_dtype(
        len(manifest.features), len(manifest.models), len(artefact.tables["learners"]), manifest.barrier.rows
    )
    return Link(stage.advance, arguments, memory, name=_STAGE)


def _chain(links: Sequence[Link], signature: Sequence[str], features: int, outputs: int) -> Chain:
    return chain_kernels("trained_model", links, signature, [("features", features), ("opinion", outputs)])
