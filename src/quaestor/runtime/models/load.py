"""Model loading: a trained model from its store, undamaged, its features computed as when it was trained."""

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
#: Default folder of models.
DEFAULT_ROOT = Path("models")


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """An artefact whose digest and features were checked."""

    sha256: str
    artefact: Artefact
    notes: tuple[str, ...]  # tolerated deviations, for the journal and the report


def model_features(manifest: Manifest) -> tuple[str, ...]:
    """Return every feature that a model reads, sorted: those whose digest is `Manifest.features_sha256`.

    Raises:
        UnknownNameError: a classical strategy that this version does not have.
    """
    alphas = [parse_alpha(name, dict(given)).features for name, given in manifest.alphas]
    names = (*manifest.features, *manifest.regime_features, *OWN_FEATURES, *(n for names in alphas for n in names))
    return tuple(sorted(set(names)))


def has_same_features(manifest: Manifest, catalog: Sequence[Feature]) -> bool:
    """Return whether the features that a model reads are computed as when it was trained.

    Raises:
        UnknownNameError: a feature or a classical strategy that this version does not have.
    """
    return features_sha256(model_features(manifest), catalog) == manifest.features_sha256


def has_same_code(manifest: Manifest) -> bool:
    """Return whether a model was trained by exactly this version of the program."""
    return code_sha256() == manifest.code_sha256


def load_model(
    root: Path, sha256: str, catalog: Sequence[Feature], *, allow_changed_features: bool = False
) -> LoadedModel:
    """Load an artefact from a model store and check it.

    Args:
        root: folder of models.
        sha256: of the artefact.
        catalog: features, the user's own among them.
        allow_changed_features: load it with a note even where a feature has changed since it was trained.

    Raises:
        ModelError: no such artefact, a damaged one, or one that reads a feature changed since it was trained.
        UnknownNameError: it reads a feature that this version does not have.
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
    """Load the version of a model that is in use, checked as by `load_model`.

    Raises:
        ModelError: no version is in use; and see `load_model`.
    """
    deployment = read_deployment(root, name)
    if deployment is None:
        known = ", ".join(deployed_names(root))
        remedy = f"there are: {known}" if known else "promote one with 'quaestor models promote'"
        raise ModelError("no version is in use", place=f"{root}: model {name}", remedy=remedy)
    return load_model(root, deployment.sha256, catalog, allow_changed_features=allow_changed_features)
