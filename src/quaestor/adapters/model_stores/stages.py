"""Records of a model registry: versions of models, the stages they went through, and why."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from quaestor.errors import ModelError

#: Names of models; also file names.
MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Alias(StrEnum):
    """Names that one version of a model bears at a time."""

    CHAMPION = "champion"  # in use
    CHALLENGER = "challenger"  # the newest that is not
    PREVIOUS = "previous"  # in use before; what a rollback brings back


class Stage(StrEnum):
    """What happened to a version."""

    REGISTERED = "registered"
    JUDGED = "judged"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"  # this version came back


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a version should be in use, measured against the champion of the time."""

    promote: bool
    reason: str  # one sentence
    figures: Mapping[str, float]  # that decided
    against: str = ""  # SHA-256 of the champion; empty when there was none


class StageChange(msgspec.Struct, frozen=True):
    """One line of a model's history."""

    ts: int  # ns UTC
    stage: Stage
    version: int
    sha256: str
    reason: str
    figures: dict[str, float] = {}
    promote: bool = False  # what a judgement said
    forced: bool = False  # against the judgement, or without one
    against: str = ""  # SHA-256 of the champion that a judgement was measured against


@dataclass(frozen=True, slots=True)
class Version:
    """One registered artefact."""

    name: str
    number: int
    sha256: str
    registered_ts: int  # ns UTC
    run_id: str  # of the experiment tracking
    aliases: tuple[Alias, ...]
    metrics: Mapping[str, float]
    settings: Mapping[str, str]  # what it was made of and with


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side."""

    a: Version
    b: Version
    metrics: Mapping[str, tuple[float | None, float | None]] = field(init=False)
    settings: Mapping[str, tuple[str, str]] = field(init=False)  # those that differ

    def __post_init__(self) -> None:
        """Lay the figures of both beside one another."""
        both = sorted({*self.a.metrics, *self.b.metrics})
        object.__setattr__(self, "metrics", {k: (self.a.metrics.get(k), self.b.metrics.get(k)) for k in both})
        pairs = {
            k: (self.a.settings.get(k, ""), self.b.settings.get(k, ""))
            for k in sorted({*self.a.settings, *self.b.settings})
        }
        object.__setattr__(self, "settings", {k: pair for k, pair in pairs.items() if pair[0] != pair[1]})


def validate_name(name: str) -> None:
    """Refuse a text that cannot name a model.

    Raises:
        ModelError: it is none.
    """
    if MODEL_NAME.fullmatch(name) is None:
        raise ModelError(
            f"'{name}' is no name of a model",
            place="models",
            remedy="use letters, digits, dot, dash and underscore, such as BTCUSDT-1h",
        )
