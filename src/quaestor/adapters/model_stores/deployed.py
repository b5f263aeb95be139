"""Deployments: the version of a model that a run uses, one small file a name, written by the registry, read without it.

A run reads this file and the model store, and nothing that training needs.
"""

from pathlib import Path

import msgspec

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.adapters.model_stores.stages import validate_name
from quaestor.adapters.stores.atomic import replace_file
from quaestor.errors import ModelError

FOLDER = "deployed"
_FORMAT = 1
_REMEDY = "write it again with 'quaestor models promote'"


class Deployment(msgspec.Struct, frozen=True):
    """The version of a model that is in use."""

    name: str
    version: int
    sha256: str
    ts: int  # since when, ns UTC
    reason: str
    format: int = _FORMAT


def write_deployment(root: Path, deployment: Deployment) -> None:
    """Make a version the one in use, at once or not at all.

    Raises:
        ModelError: an impossible name.
        OutputError: the file cannot be written.
    """
    content = msgspec.json.format(msgspec.json.encode(deployment), indent=1) + b"\n"
    replace_file(_path(root, deployment.name), lambda path: path.write_bytes(content))


def read_deployment(root: Path, name: str) -> Deployment | None:
    """The version of a model that is in use, if any.

    Raises:
        ModelError: an impossible name, or a file that is damaged, of another name or written by a newer version.
    """
    path = _path(root, name)
    if not path.is_file():
        return None
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Deployment)
    except (msgspec.DecodeError, OSError) as error:
        raise ModelError(f"cannot be read: {error}", place=str(path), remedy=_REMEDY) from error
    if found.format != _FORMAT:
        raise ModelError(f"is of format {found.format}, not {_FORMAT}", place=str(path), remedy="update quaestor")
    if found.name != name:
        raise ModelError(f"names the model {found.name}", place=str(path), remedy=_REMEDY)
    DirectoryModelStore(root).folder(found.sha256)
    return found


def deployed_names(root: Path) -> tuple[str, ...]:
    """Models of which a version is in use."""
    return tuple(sorted(path.stem for path in (root / FOLDER).glob("[!.]*.json")))


def _path(root: Path, name: str) -> Path:
    validate_name(name)
    return root / FOLDER / f"{name}.json"
