"""Registry of models and tracking of the experiments they came from: MLflow over one SQLite file.

Every artefact that is registered is a run (settings, seed, fingerprints, figures) and a version of a registered model
whose source is its content address. Aliases say which version is in use, which waits, and which a rollback brings
back; what happened to each, when, why and on which figures is the model's history.

Any MLflow client can read the file: ``mlflow ui --backend-store-uri sqlite:///models/mlflow.sqlite``. No server, no
network, nothing written outside of the folder. Only training and `quaestor models` import this; a run reads
`deployed`.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from quaestor.adapters.model_stores.deployed import Deployment, write_deployment
from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.adapters.model_stores.stages import (
    Alias,
    Comparison,
    Judgement,
    Stage,
    StageChange,
    Version,
    validate_name,
)
from quaestor.adapters.model_stores.tracking import all_pages, foreign_errors, log_run, open_client
from quaestor.domain.artefact import Artefact
from quaestor.errors import ModelError

DATABASE = "mlflow.sqlite"

_HISTORY = "stage."


class Registry:
    """The models of a folder. It is created with the first registration.

    Args:
        root: the folder of the model store.
        now_ns: the time, ns UTC.
    """

    def __init__(self, root: Path, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._root = root
        self._store = DirectoryModelStore(root)
        self._now_ns = now_ns
        self._opened: Any = None

    def names(self) -> tuple[str, ...]:
        """Every model, in order; none where nothing was registered.

        Raises:
            ModelError: the registry cannot be read.
        """
        if not self._path.exists():
            return ()
        with self._client() as client:
            return tuple(sorted(model.name for model in all_pages(client.search_registered_models)))

    def register(self, name: str, artefact: Artefact, address: str, metrics: Mapping[str, float]) -> Version:
        """Track the run that made an artefact and make it the newest version of a model, the challenger.

        The same artefact again is the same version.

        Args:
            name: of the model, such as ``BTCUSDT-1h``.
            artefact: that was trained.
            address: what the model store gave for it.
            metrics: figures beside the manifest's scores, by name.

        Raises:
            ModelError: an impossible name, or the registry cannot be written.
        """
        validate_name(name)
        self._store.entry(address)
        self._root.mkdir(parents=True, exist_ok=True)
        if name in self.names():
            for version in self.versions(name):
                if version.sha256 == address:
                    return version
        with self._client() as client:
            if name not in self.names():
                client.create_registered_model(name)
            run = log_run(client, name, artefact.manifest, metrics, self._now_ns(), self._root)
            made = client.create_model_version(name, f"sha256:{address}", run_id=run, tags={"sha256": address})
            client.set_registered_model_alias(name, Alias.CHALLENGER, made.version)
            version = self._version(client, made, [Alias.CHALLENGER])
            self._note(client, version, Stage.REGISTERED, f"trained with seed {artefact.manifest.seed}", {})
        return version

    def versions(self, name: str) -> tuple[Version, ...]:
        """Every version of a model, oldest first.

        Raises:
            ModelError: no such model.
        """
        with self._client(name) as client:
            aliases = client.get_registered_model(name).aliases
            found = all_pages(lambda **page: client.search_model_versions(f"name='{name}'", **page))
            versions = [
                self._version(client, one, [a for a, n in aliases.items() if int(n) == int(one.version)])
                for one in found
            ]
        return tuple(sorted(versions, key=lambda version: version.number))

    def version(self, name: str, which: int | Alias) -> Version:
        """One version, by its number or by what it is.

        Raises:
            ModelError: there is none.
        """
        versions = self.versions(name)
        for version in versions:
            if which in (version.number, *version.aliases):
                return version
        known = ", ".join(f"{version.number}" for version in versions)
        raise ModelError(f"has no version {which}", place=f"model {name}", remedy=f"there are: {known}")

    def compare(self, name: str, a: int, b: int) -> Comparison:
        """Two versions side by side.

        Raises:
            ModelError: no such model or version.
        """
        return Comparison(self.version(name, a), self.version(name, b))

    def champion(self, name: str) -> Version | None:
        """The version in use by the registry, if any.

        Raises:
            ModelError: no such model.
        """
        return next((v for v in self.versions(name) if Alias.CHAMPION in v.aliases), None)

    def history(self, name: str) -> tuple[StageChange, ...]:
        """What happened to a model's versions, oldest first.

        Raises:
            ModelError: no such model.
        """
        with self._client(name) as client:
            tags = client.get_registered_model(name).tags
        lines = sorted((key, value) for key, value in tags.items() if key.startswith(_HISTORY))
        return tuple(msgspec.json.decode(value, type=StageChange) for _, value in lines)

    def judge(self, name: str, version: int, judgement: Judgement) -> None:
        """Write down what a version was judged.

        Raises:
            ModelError: no such model or version.
        """
        judged = self.version(name, version)
        with self._client(name) as client:
            self._note(
                client,
                judged,
                Stage.JUDGED,
                judgement.reason,
                judgement.figures,
                promote=judgement.promote,
                against=judgement.against,
            )

    def judgement(self, name: str, version: int) -> Judgement | None:
        """What a version was judged last, if it was.

        Raises:
            ModelError: no such model.
        """
        lines = [line for line in self.history(name) if (line.version, line.stage) == (version, Stage.JUDGED)]
        if not lines:
            return None
        last = lines[-1]
        return Judgement(last.promote, last.reason, last.figures, last.against)

    def promote(self, name: str, version: int, judgement: Judgement, *, forced: bool = False) -> Version:
        """Make a version the one in use; what was in use is what a rollback brings back.

        Promoting the champion again only writes anew which one is in use.

        Raises:
            ModelError: no such version, a damaged artefact, or a judgement that is against it and is not forced.
        """
        chosen, champion = self.version(name, version), self.champion(name)
        self._store.get(chosen.sha256)
        if champion is not None and champion.number == chosen.number:
            self._deploy(champion, self._since(champion))
            return champion
        if not (judgement.promote or forced):
            raise ModelError(
                f"is not promoted: {judgement.reason}",
                place=f"model {name} {version}",
                remedy="force it, with a reason",
            )
        with self._client(name) as client:
            if champion is not None:
                client.set_registered_model_alias(name, Alias.PREVIOUS, champion.number)
            client.set_registered_model_alias(name, Alias.CHAMPION, chosen.number)
            if Alias.CHALLENGER in chosen.aliases:
                client.delete_registered_model_alias(name, Alias.CHALLENGER)
            line = self._note(
                client, chosen, Stage.PROMOTED, judgement.reason, judgement.figures, promote=True, forced=forced
            )
        self._deploy(chosen, line)
        return self.version(name, version)

    def rollback(self, name: str, reason: str, figures: Mapping[str, float] | None = None) -> Version:
        """Bring back the version that was in use before; returns it.

        Raises:
            ModelError: there is none, or its artefact is damaged.
        """
        previous = next((v for v in self.versions(name) if Alias.PREVIOUS in v.aliases), None)
        if previous is None:
            raise ModelError(
                "nothing was in use before", place=f"model {name}", remedy="promote another version instead"
            )
        self._store.get(previous.sha256)
        with self._client(name) as client:
            client.set_registered_model_alias(name, Alias.CHAMPION, previous.number)
            client.delete_registered_model_alias(name, Alias.PREVIOUS)
            line = self._note(client, previous, Stage.ROLLED_BACK, reason, figures or {})
        self._deploy(previous, line)
        return self.version(name, previous.number)

    @property
    def _path(self) -> Path:
        return self._root / DATABASE

    def _deploy(self, version: Version, line: StageChange) -> None:
        deployment = Deployment(version.name, version.number, version.sha256, line.ts, line.reason)
        write_deployment(self._root, deployment)

    def _since(self, champion: Version) -> StageChange:
        """The line of the history that put the champion in use."""
        entries = (Stage.PROMOTED, Stage.ROLLED_BACK)
        return [e for e in self.history(champion.name) if e.version == champion.number and e.stage in entries][-1]

    def _version(self, client: Any, found: Any, aliases: list[str]) -> Version:
        data = client.get_run(found.run_id).data
        return Version(
            name=found.name,
            number=int(found.version),
            sha256=found.tags["sha256"],
            registered_ts=int(found.creation_timestamp) * 1_000_000,
            run_id=found.run_id,
            aliases=tuple(alias for alias in Alias if alias in aliases),
            metrics=dict(sorted(data.metrics.items())),
            settings=dict(sorted(data.params.items())),
        )

    def _note(
        self,
        client: Any,
        version: Version,
        stage: Stage,
        reason: str,
        figures: Mapping[str, float],
        *,
        promote: bool = False,
        forced: bool = False,
        against: str = "",
    ) -> StageChange:
        """Add a line to the history of a model."""
        ts = self._now_ns()
        line = StageChange(ts, stage, version.number, version.sha256, reason, dict(figures), promote, forced, against)
        taken = client.get_registered_model(version.name).tags
        key = next(k for k in (f"{_HISTORY}{ts:020d}.{n:03d}" for n in range(1000)) if k not in taken)
        client.set_registered_model_tag(version.name, key, msgspec.json.encode(line).decode())
        return line

    @contextmanager
    def _client(self, name: str = "") -> Iterator[Any]:
        """An MLflow client; with a name, of a model that is there."""
        if name:
            validate_name(name)
        with foreign_errors(self._path):
            if self._opened is None:
                self._opened = open_client(self._path)
            if name and name not in self.names():
                known = ", ".join(self.names())
                remedy = f"there are: {known}" if known else "train one first"
                raise ModelError(f"no model '{name}'", place=str(self._root), remedy=remedy)
            yield self._opened
