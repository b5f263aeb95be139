"""Feature preprocessing: scaling, normalisation and treatment of missing values before features reach a model.

A `Scaler` is fitted once, on rows of the training period, consists of plain numbers and is stored with the model. An
`OnlineScaler` updates its statistics with each row: row k is scaled by the statistics of rows 0 … k, all known at k.
Both run the same compiled kernel on all rows at once and on one at a time, with bit-identical results.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from quaestor.errors import ConfigError, DataError, UnknownNameError
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.scaling import (
    Missing,
    Norm,
    Scaling,
    advance_online_minmax,
    advance_online_robust,
    advance_online_standard,
    advance_scaler,
    memory_dtype,
    online_dtype,
    scaler_dtype,
    usable_scale,
)

Kind = TypeVar("Kind", Scaling, Norm, Missing)

_ONLINE: dict[Scaling, Callable[..., None]] = {
    Scaling.STANDARD: advance_online_standard,
    Scaling.MINMAX: advance_online_minmax,
    Scaling.ROBUST: advance_online_robust,
}


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """Choice of methods; the defaults are those of online models."""

    scaling: Scaling = Scaling.STANDARD
    norm: Norm = Norm.L2
    missing: Missing = Missing.DROP


@dataclass(frozen=True, slots=True)
class Scaler:
    """Fitted scaler: feature f becomes (x − center[f]) / scale[f].

    Raises:
        ConfigError: on creation, when the numbers do not match the features, are not finite or a scale is not positive.
    """

    features: tuple[str, ...]
    method: Preprocessing
    center: tuple[float, ...]
    scale: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.features) == len(self.center) == len(self.scale):
            raise ConfigError(
                f"{len(self.features)} features, {len(self.center)} centers and {len(self.scale)} scales",
                place="scaler",
                remedy="give one of each a feature",
            )
        for name, center, scale in zip(self.features, self.center, self.scale, strict=True):
            if not (isfinite(center) and isfinite(scale) and scale > 0.0):
                raise ConfigError(f"center {center} and scale {scale} cannot scale", place=f"scaler of {name}")

    @property
    def advance(self) -> Callable[..., None]:
        """Kernel ``advance(state, params, features, out, i, n)``, see `numeric.scaling`."""
        return advance_scaler

    def params(self) -> Table:
        """Return the parameters of the kernel."""
        return _params(self.method, self.center, self.scale)

    def new_state(self) -> Table:
        """Return a fresh state: one element, whose bytes are all that a restart needs."""
        return np.zeros(1, memory_dtype(len(self.features)))

    def to_plain(self) -> dict[str, object]:
        """Return the scaler as strings and numbers, which JSON keeps to the last bit."""
        return {
            "features": list(self.features),
            "scaling": self.method.scaling.name.lower(),
            "norm": self.method.norm.name.lower(),
            "missing": self.method.missing.name.lower(),
            "center": list(self.center),
            "scale": list(self.scale),
        }


@dataclass(frozen=True, slots=True)
class OnlineScaler:
    """Scaler that updates its statistics with each row; a feature's value counts even when its row is dropped."""

    features: tuple[str, ...]
    method: Preprocessing = Preprocessing()

    @property
    def advance(self) -> Callable[..., None]:
        """Kernel ``advance(state, params, features, out, i, n)``, see `numeric.scaling`."""
        return _ONLINE.get(self.method.scaling, advance_scaler)

    def params(self) -> Table:
        """Return the parameters of the kernel."""
        return _params(self.method, [0.0] * len(self.features), [1.0] * len(self.features))

    def new_state(self) -> Table:
        """Return a fresh state: one element, whose bytes are all that a restart needs."""
        if self.method.scaling == Scaling.NONE:
            return np.zeros(1, memory_dtype(len(self.features)))
        return np.zeros(1, online_dtype(len(self.features), self.method.scaling))


def fit_scaler(features: Sequence[str], values: Matrix, method: Preprocessing) -> Scaler:
    """Return the scaler fitted on some rows, which must be those of the training period and no others.

    Args:
        features: a name for each row of `values`.
        values: float64 (m, N), as `features.plan.compute` returns; missing ones are left out, feature by feature.
        method: scaling, norm and treatment of missing values.

    Raises:
        DataError: a feature without a single value.

    Example:
        >>> scaler = fit_scaler(["a"], np.array([[1.0, 3.0, np.nan]]), Preprocessing())
        >>> scaler.center, scaler.scale
        ((2.0,), (1.0,))
    """
    fitted = [_fit(values[row], name, method.scaling) for row, name in enumerate(features)]
    return Scaler(
        tuple(features), method, tuple(center for center, _ in fitted), tuple(usable_scale(s, c) for c, s in fitted)
    )


def _fit(series: NDArray[np.float64], name: str, scaling: Scaling) -> tuple[float, float]:
    present = series[np.isfinite(series)]
    if len(present) == 0:
        raise DataError("no value to fit on", place=f"feature {name}", remedy="leave the feature out, or fit on more")
    if scaling == Scaling.STANDARD:
        return float(np.mean(present)), float(np.std(present))
    if scaling == Scaling.MINMAX:
        return float(np.min(present)), float(np.ptp(present))
    if scaling == Scaling.ROBUST:
        lower, middle, upper = (float(q) for q in np.quantile(present, [0.25, 0.5, 0.75]))
        return middle, upper - lower
    return 0.0, 1.0


def transform(scaler: Scaler | OnlineScaler, values: Matrix) -> Matrix:
    """Return the scaled values of all rows: float64 (m, N), NaN in rows that are dropped.

    Raises:
        ConfigError: when the number of rows of `values` is not the number of features.
    """
    if len(values) != len(scaler.features):
        raise ConfigError(f"{len(values)} rows of values for {len(scaler.features)} features", place="scaler")
    out = np.empty_like(values)
    scaler.advance(scaler.new_state(), scaler.params(), values, out, 0, values.shape[1])
    return out


def scaler_from_plain(plain: Mapping[str, Any]) -> Scaler:
    """Return the scaler that `Scaler.to_plain` wrote.

    Raises:
        ConfigError, UnknownNameError: when the mapping holds anything else.
    """
    method = Preprocessing(
        _member(Scaling, plain.get("scaling")), _member(Norm, plain.get("norm")), _member(Missing, plain.get("missing"))
    )
    center, scale = (tuple(float(x) for x in _list(plain, field, float, int)) for field in ("center", "scale"))
    return Scaler(tuple(_list(plain, "features", str)), method, center, scale)


def _member(kind: type[Kind], name: object) -> Kind:
    members = {member.name.lower(): member for member in kind}
    if name not in members:
        raise UnknownNameError(kind.__name__.lower(), str(name), members, place="scaler")
    return members[str(name)]


def _list(plain: Mapping[str, Any], field: str, *kinds: type) -> list[Any]:
    items = plain.get(field)
    if not isinstance(items, list) or not all(isinstance(item, kinds) for item in items):
        raise ConfigError(f"'{field}' is no list of {kinds[0].__name__}", place="scaler")
    return items


def _params(method: Preprocessing, center: Sequence[float], scale: Sequence[float]) -> Table:
    params = np.zeros(1, scaler_dtype(len(center)))
    params["norm"], params["missing"] = int(method.norm), int(method.missing)
    params["center"][0], params["scale"][0] = center, scale
    params.flags.writeable = False
    return params
