"""Training options: members, samples and settings of a training from a command line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from quaestor.analysis.forecasts.labels import parse_barrier
from quaestor.brain.alpha.catalog import CATALOG as ALPHAS
from quaestor.cli.features.names import requested_names
from quaestor.domain.parameter import Integer, Real
from quaestor.errors import ConfigError, UnknownNameError
from quaestor.ledger.codes import Regime
from quaestor.research.training.models.catalog import CATALOG as LEARNERS
from quaestor.research.training.settings import Secondary, Specialist, TrainingSettings

_PLACE = "--training"
_MEMBERS = "--members"
#: Stands for the two models that learn while they trade.
ONLINE = "online"

_REGIMES = ("mixture", "markov", "rules")


def _regime(text: str) -> str:
    if text not in _REGIMES:
        raise UnknownNameError("regime filter", text, _REGIMES, place=_PLACE)
    return text


#: Settings by name, and how each is read.
READERS: Mapping[str, Callable[[str], object]] = {
    "features": lambda text: tuple(requested_names(text, _PLACE)),
    "regime": _regime,
    "barrier": lambda text: parse_barrier(text, place=_PLACE),
    "folds": lambda text: Integer("folds", 5, 2, 100).parse(text, _PLACE),
    "embargo_rows": lambda text: Integer("embargo_rows", 0, 0, 1_000_000).parse(text, _PLACE),
    "samples_max": lambda text: Integer("samples_max", 20_000, 200, 100_000_000).parse(text, _PLACE),
    "sharpness": lambda text: Real("sharpness", 100.0, 0.0, 1e6).parse(text, _PLACE),
    "suspicion": lambda text: Real("suspicion", 0.15, 0.0, 0.5).parse(text, _PLACE),
}


def training_settings(members: str | None, samples: int | None, assignments: Sequence[str]) -> TrainingSettings:
    """Return the default settings of a training with what was given in their place.

    Args:
        members: names separated by commas, see `chosen_members`; None for the default ones.
        samples: labelled bars used at most; None for the default.
        assignments: ``NAME=VALUE``, names as in `READERS`; a barrier has commas, features are parted by them.

    Raises:
        ConfigError: an assignment without a value, or a value out of range.
        UnknownNameError: no such setting, member or feature set.
    """
    values: dict[str, object] = {}
    for assignment in (*assignments, *(() if samples is None else (f"samples_max={samples}",))):
        name, found, text = assignment.partition("=")
        if not found:
            raise ConfigError(f"'{assignment}' has no value", place=_PLACE, remedy="write NAME=VALUE")
        if name not in READERS:
            raise UnknownNameError("setting of training", name, READERS, place=_PLACE)
        values[name] = READERS[name](text.strip())
    defaults = TrainingSettings() if members is None else chosen_members(members)
    return replace(defaults, **values)  # type: ignore[arg-type]


def chosen_members(text: str) -> TrainingSettings:
    """Return default settings with these members only: learners, specialists such as ``lightgbm:normal+crash``,
    ``online`` for the two models that learn while trading, classical strategies, and secondaries such as
    ``logistic|breakout``, which predict whether the side of a strategy that is a member too will pay.

    Raises:
        UnknownNameError: no such member or regime.
        ConfigError: none is named.

    Example:
        >>> chosen = chosen_members("logistic, xgboost:crash, ema_cross, forest|ema_cross")
        >>> chosen.learners, chosen.secondaries[0].name
        (('logistic',), 'forest|ema_cross')
    """
    learners, alphas = [learner.name for learner in LEARNERS], [alpha.name for alpha in ALPHAS]
    names = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise ConfigError("no member named", place=_MEMBERS, remedy=f"give some of {', '.join(learners)}")
    plain: list[str] = []
    special: list[Specialist] = []
    second: list[Secondary] = []
    rules: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    for name in names:
        secondary, is_secondary, side = name.partition("|")
        if is_secondary:
            second.append(Secondary(_known(secondary, learners), _known(side, alphas)))
            continue
        learner, is_special, regimes = name.partition(":")
        if learner not in (*learners, *(() if is_special else (ONLINE, *alphas))):
            raise UnknownNameError("member", name, (*learners, ONLINE, *alphas), place=_MEMBERS)
        if is_special:
            special.append(Specialist(learner, tuple(_regime_named(regime) for regime in regimes.split("+"))))
        elif name in learners:
            plain.append(name)
        elif name in alphas:
            rules.append((name, (("side", "both"),)))
    return TrainingSettings(
        learners=tuple(plain),
        specialists=tuple(special),
        secondaries=tuple(second),
        online=ONLINE in names,
        alphas=tuple(rules),
    )


def _known(name: str, names: Sequence[str]) -> str:
    if name not in names:
        raise UnknownNameError("member", name, names, place=_MEMBERS)
    return name


def _regime_named(name: str) -> Regime:
    known = {regime.name.lower(): regime for regime in Regime}
    if name.strip() not in known:
        raise UnknownNameError("regime", name, known, place=_MEMBERS)
    return known[name.strip()]
