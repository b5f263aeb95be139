"""Definition: what regime filters and alphas share, a kernel with the features it reads and its typed parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from quaestor.domain.parameter import Parameter, Value, pack_values, parse_settings
from quaestor.errors import ConfigError
from quaestor.jit.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """Declaration of a regime filter or an alpha, before its parameters are chosen.

    `features`, `state_dtype` and `conflict` take the parameter values in declared order. Features are canonical names
    such as ``ema_20`` or ``bbands_20_2.upper``; the kernel finds them as rows of its feature matrix in that order.
    """

    name: str
    doc: str
    source: str
    parameters: tuple[Parameter, ...]
    features: Callable[..., tuple[str, ...]]
    state_dtype: Callable[..., np.dtype[np.void]]
    advance: Callable[..., None]
    conflict: Callable[..., str] | None = None  # returns why the values contradict one another, "" when they do not


D = TypeVar("D", bound=Definition)


@dataclass(frozen=True, slots=True)
class Instance(Generic[D]):
    """A definition with values for its parameters."""

    definition: D
    values: tuple[Value, ...]

    @property
    def name(self) -> str:
        """Return the definition's name."""
        return self.definition.name

    @property
    def features(self) -> tuple[str, ...]:
        """Return the canonical names of the features that the kernel reads, in the order of its rows."""
        return self.definition.features(*self.values)

    @property
    def state_dtype(self) -> np.dtype[np.void]:
        """Return the layout of the kernel's state; zero bytes are fresh."""
        return self.definition.state_dtype(*self.values)

    @property
    def settings(self) -> dict[str, str]:
        """Return every parameter as text, by name, as a configuration holds it."""
        return {p.name: p.format(v) for p, v in zip(self.definition.parameters, self.values, strict=True)}

    def params(self) -> Table:
        """Return the values as the kernel's parameter record, one element."""
        return pack_values(self.definition.parameters, self.values)


def configure(definition: D, settings: Mapping[str, str], *, kind: str) -> Instance[D]:
    """Return the definition with these settings, defaults for the rest; `kind` names it in errors.

    Raises:
        UnknownNameError: a setting that it does not have.
        ConfigError: a value out of range, or values that contradict one another.
    """
    place = f"{kind} {definition.name}"
    values = parse_settings(definition.parameters, settings, place=place)
    problem = definition.conflict(*values) if definition.conflict is not None else ""
    if problem:
        raise ConfigError(problem, place=place)
    return Instance(definition, values)
