"""MLflow over one SQLite file: its client, its errors and the runs that are logged with it."""

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from quaestor.adapters.optional import load_extra
from quaestor.domain.artefact import Manifest
from quaestor.errors import ModelError

_PLACE = "model registry"
_SQLITE = b"SQLite format 3\0"
_PARAM_CHARACTERS_MAX = 6000  # MLflow refuses longer ones
_BATCH_MAX = 100


def open_client(database: Path) -> Any:
    """A client of a file, which is created if it is not there; to be used within `foreign_errors`.

    Raises:
        ModelError: something else is in the file.
        ConfigError: MLflow is not installed.
    """
    mlflow = _load_mlflow()
    if database.exists():
        with database.open("rb") as file:
            head = file.read(len(_SQLITE))
        if head and head != _SQLITE:  # MLflow would try again for minutes
            raise ModelError("is no SQLite file", place=str(database), remedy="restore it from a backup")
    uri = f"sqlite:///{database.resolve()}"
    return mlflow.tracking.MlflowClient(tracking_uri=uri, registry_uri=uri)


@contextmanager
def foreign_errors(database: Path) -> Iterator[None]:
    """Every error of MLflow or of its database becomes a `ModelError` that names the file."""
    mlflow = _load_mlflow()
    sqlalchemy = load_extra("sqlalchemy.exc", place=_PLACE)
    try:
        yield
    except (mlflow.exceptions.MlflowException, sqlalchemy.SQLAlchemyError) as error:
        what = str(error).splitlines()[0]
        remedy = "if MLflow is newer than the file: mlflow db upgrade; otherwise restore it from a backup"
        raise ModelError(f"cannot be used: {what}", place=str(database), remedy=remedy) from error


def log_run(client: Any, name: str, manifest: Manifest, metrics: Mapping[str, float], ts: int, folder: Path) -> str:
    """Log the run that made an artefact, in batches; returns its id.

    Args:
        client: see `open_client`.
        name: of the experiment, created if it is not there.
        manifest: its settings, seed and fingerprints become parameters, its scores metrics.
        metrics: further figures.
        ts: now, ns UTC.
        folder: of the model store.
    """
    entities = load_extra("mlflow.entities", place=_PLACE)
    found = client.get_experiment_by_name(name)
    experiment = found.experiment_id if found else client.create_experiment(name, folder.resolve().as_uri())
    ms = ts // 1_000_000
    run = str(client.create_run(experiment, start_time=ms, run_name=f"{name} seed {manifest.seed}").info.run_id)
    params = [entities.Param(key, _shortened(text)) for key, text in settings_of(manifest).items()]
    figures = [entities.Metric(k, float(v), ms, 0) for k, v in sorted({**manifest.scores, **metrics}.items())]
    for start in range(0, max(len(params), len(figures)), _BATCH_MAX):
        batch = slice(start, start + _BATCH_MAX)
        client.log_batch(run, metrics=figures[batch], params=params[batch])
    client.set_terminated(run, end_time=ms)
    return run


def settings_of(manifest: Manifest) -> dict[str, str]:
    """What an artefact was made of and with, flat, each as text.

    Settings that are JSON objects are taken apart one level deep.
    """
    flat = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in msgspec.to_builtins(manifest).items()
        if key not in ("scores", "settings")
    }
    try:
        given = json.loads(manifest.settings or "{}")
    except ValueError:
        given = manifest.settings
    if not isinstance(given, dict):
        return flat | {"settings": manifest.settings}
    return flat | {f"settings.{key}": json.dumps(value) for key, value in given.items()}


def _shortened(text: str) -> str:
    """The text, or its digest where MLflow would not take it; the artefact has all of it."""
    if len(text) <= _PARAM_CHARACTERS_MAX:
        return text
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def all_pages(search: Callable[..., Any]) -> list[Any]:
    """Everything that a search finds."""
    found: list[Any] = []
    token = None
    while True:
        page = search(page_token=token)
        found += page
        token = page.token
        if not token:
            return found


def _load_mlflow() -> Any:
    """The library, with its telemetry off: it asks the environment when it is imported."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    for library in ("sqlalchemy", "alembic"):
        load_extra(library, place=_PLACE)
    mlflow = load_extra("mlflow", place=_PLACE)
    for module in ("mlflow.tracking", "mlflow.exceptions"):
        load_extra(module, place=_PLACE)
    for name in ("mlflow", "alembic"):  # of no interest to who asked for a list
        logging.getLogger(name).setLevel(logging.WARNING)
    return mlflow
