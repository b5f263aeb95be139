"""Trained models as a run loads them: the one in use, unchanged, and with inputs that mean what they meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from quaestor.adapters.model_stores.deployed import deployed_names, read_deployment
from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.brain.trained.model import OWN_FEATURES
from quaestor.domain.artefact import Artefact, Manifest
from quaestor.errors import ModelError
from quaestor.features.feature import Feature
from quaestor.runtime.models.definitions import code_sha256, features_sha256

#: Environment variable that names the folder of models.
ENVIRONMENT = "QUAESTOR_MODELS"
#: The folder of models where nothing else is said.
DEFAULT_ROOT = Path("models")


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """An artefact that may be used."""

    sha256: str
    artefact: Artefact
    notes: tuple[str, ...]  # what was let pass, for the journal and the report


def model_features(manifest: Manifest) -> tuple[str, ...]:
    """Every feature that a model reads: what `Manifest.features_sha256` is the digest of.

    Raises:
        UnknownNameError: a classical instrument that this version does not know.
    """
    alphas = [parse_alpha(name, dict(given)).features for name, given in manifest.alphas]
    names = (*manifest.features, *manifest.regime_features, *OWN_FEATURES, *(n for names in alphas for n in names))
    return tuple(sorted(set(names)))


def has_same_features(manifest: Manifest, catalog: Sequence[Feature]) -> bool:
    """Whether the features that a model reads are computed as when it was trained.

    Raises:
        UnknownNameError: a feature or a classical instrument that is not there any more.
    """
    return features_sha256(model_features(manifest), catalog) == manifest.features_sha256


def has_same_code(manifest: Manifest) -> bool:
    """Whether a model was trained by exactly this program."""
    return code_sha256() == manifest.code_sha256


def load_model(
    root: Path, sha256: str, catalog: Sequence[Feature], *, allow_changed_features: bool = False
) -> LoadedModel:
    """An artefact of a model store, checked.

    Args:
        root: folder of models.
        sha256: its address.
        catalog: features, the user's own among them.
        allow_changed_features: use it even where a feature was changed since; noted.

    Raises:
        ModelError: there is none, it is damaged, or a feature that it reads was changed since it was trained.
        UnknownNameError: a feature that it reads is not there any more.
    """
    artefact = DirectoryModelStore(root).get(sha256)
    if has_same_features(artefact.manifest, catalog):
        return LoadedModel(sha256, artefact, ())
    if not allow_changed_features:
        raise ModelError(
            "a feature that it reads was changed since it was trained",
            place=f"model {sha256[:12]} of {artefact.manifest.symbol}",
            remedy="train it again, or give --allow-changed-features",
        )
    return LoadedModel(sha256, artefact, (f"model {sha256[:12]}: its features were changed since it was trained",))


def load_deployed(
    root: Path, name: str, catalog: Sequence[Feature], *, allow_changed_features: bool = False
) -> LoadedModel:
    """The version of a model that is in use, checked as by `load_model`.

    Raises:
        ModelError: none is in use; and see `load_model`.
    """
    deployment = read_deployment(root, name)
    if deployment is None:
        there = ", ".join(deployed_names(root))
        remedy = f"there are: {there}" if there else "promote one with 'quaestor models promote'"
        raise ModelError("no version is in use", place=f"{root}: model {name}", remedy=remedy)
    return load_model(root, deployment.sha256, catalog, allow_changed_features=allow_changed_features)
