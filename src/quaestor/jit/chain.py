"""Chain: stateful kernels chosen at run time and compiled into one call.

Each link is called as ``function(state, params, *arguments)``; the state of the chain is one structured array with a
field for each link, so saving or restoring it is a copy of bytes, and zero bytes are the initial state. Parameters are
constants of the generated module (see `jit.fuse`), so a second process finds the chain compiled.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from quaestor.jit.compile import interpreted, kernel
from quaestor.jit.fuse import GENERATED, fuse
from quaestor.jit.sources import sources_digest
from quaestor.jit.tables import Matrix, Table

_PACKAGE = __name__.split(".")[0]


@dataclass(frozen=True, slots=True)
class Link:
    """One kernel call; `arguments` are expressions of the chain's arguments, such as ``"out[0:3]"``.

    Without `state_dtype` and `params` the call is made with the arguments alone. `name` is that of its field in the
    state of the chain; by default the field is named by position: ``s0``, ``s1`` …
    """

    function: Callable[..., Any]
    arguments: tuple[str, ...]
    state_dtype: np.dtype[np.void] | None = None
    params: Table | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """A compiled ``advance(state, *signature)`` and the layout of its state."""

    advance: Callable[..., None]
    state_dtype: np.dtype[np.void]
    source: str

    def new_state(self) -> Table:
        """Return a fresh state: one element, zero bytes."""
        return np.zeros(1, self.state_dtype)


@kernel
def copy_series(target: Matrix, target_row: int, source: Matrix, source_row: int, i: int, n: int) -> None:
    """Copy columns i … n−1 of one row of a matrix to a row of another, between links that share a result."""
    values, copied = source[source_row][i:n], target[target_row][i:n]
    for k in range(len(values)):
        copied[k] = values[k]


def chain_kernels(
    stem: str, links: Sequence[Link], signature: Sequence[str], rows_needed: Sequence[tuple[str, int]] = ()
) -> Chain:
    """Return a compiled ``advance(state, *signature)`` that makes the calls in order.

    Args:
        stem: name of the module in the cache, before its digest.
        links: the calls.
        signature: argument names after `state`.
        rows_needed: (matrix argument, rows) pairs. The compiled code raises ValueError for a matrix with fewer rows,
            since it would not detect a write past the end.
    """
    source = _source(links, signature, rows_needed)
    return Chain(advance=fuse(stem, source).advance, state_dtype=_state_dtype(links), source=source)


def _state_dtype(links: Sequence[Link]) -> np.dtype[np.void]:
    fields = [(_field(k, link), link.state_dtype, (1,)) for k, link in enumerate(links) if link.state_dtype is not None]
    return _one_object(np.dtype(fields, align=True) if fields else np.dtype([("unused", "<i8")]))


def _field(k: int, link: Link) -> str:
    return link.name or f"s{k}"


@cache
def _one_object(dtype: np.dtype[np.void]) -> np.dtype[np.void]:
    """Return the first of equal layouts.

    A compiled call recognises an argument's layout by identity, and otherwise compares it field by field, which costs
    half a microsecond a call.
    """
    return dtype


def _source(links: Sequence[Link], signature: Sequence[str], rows_needed: Sequence[tuple[str, int]]) -> str:
    functions = {_address(link.function): link.function for link in links}
    names = {address: f"f{k}" for k, address in enumerate(functions)}
    imports = [f"from {a[0]} import {a[1]} as {names[a]}{_stamp(functions[a])}" for a in functions]
    constants: list[str] = []
    body: list[str] = []
    for k, link in enumerate(links):
        leading = [f's["{_field(k, link)}"]'] if link.state_dtype is not None else []
        if link.params is not None:
            constants += [f"P{k} = {text_of_params(link.params)}", f"P{k}.flags.writeable = False"]
            leading.append(f"P{k}")
        body.append(f"    {names[_address(link.function)]}({', '.join([*leading, *link.arguments])})")
    checks = [
        f'    if {name}.shape[0] < {rows}:\n        raise ValueError("{name} needs at least {rows} rows")'
        for name, rows in rows_needed
    ]
    lines = [
        '"""Generated: a chain of kernels."""\n',
        "import numpy as np",
        "from numpy import inf, nan\n",
        "from quaestor.jit.compile import kernel",
        *imports,
        "",
        *constants,
        "\n\n@kernel",
        f"def advance(state, {', '.join(signature)}):",
        *checks,
        "    s = state[0]",
        *(body or ["    pass"]),
    ]
    return "\n".join(lines) + "\n"


def _address(function: Callable[..., Any]) -> tuple[str, str]:
    plain = interpreted(function)
    return plain.__module__, plain.__qualname__


def _stamp(function: Callable[..., Any]) -> str:
    """Return a comment with the digest of sources outside the package, so that editing them gives a new module.

    Generated modules need none: their names contain a digest of their text, which includes such comments.
    """
    plain = interpreted(function)
    if plain.__module__.split(".")[0] == _PACKAGE or plain.__module__.startswith(GENERATED):
        return ""
    return f"  # sources {sources_digest(inspect.getfile(plain))}"


def text_of_params(params: Table) -> str:
    """Return a Python expression for a one-element structured array, exact to the last bit.

    Example:
        >>> text_of_params(np.array([(3, 0.1)], dtype=[("n", "<i8"), ("x", "<f8")]))
        "np.array([(3, 0.1)], dtype=np.dtype([('n', '<i8'), ('x', '<f8')], align=True))"
    """
    dtype = params.dtype
    values = tuple(params[name][0].tolist() for name in dtype.names or ())
    return f"np.array([{values!r}], dtype=np.dtype({dtype.descr!r}, align=True))"
