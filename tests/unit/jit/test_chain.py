"""Chains: generated modules, their constants to the last bit, and kernels from outside the package."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from quaestor.jit.chain import Link, chain_kernels, copy_series, text_of_params
from quaestor.jit.compile import interpreted
from quaestor.jit.fuse import fuse

USER = """
from quaestor.jit.compile import kernel

@kernel
def scale(state, params, source, target, i, n):
    state[0]["rows"] += n - i
    for k in range(i, n):
        target[0, k] = source[0, k] * params[0]["factor"] + FACTOR
"""
STATE = np.dtype([("rows", "<i8")])


def user_module(folder: Path, factor: float) -> ModuleType:
    """A user's kernel in a file outside the package."""
    path = folder / "users_kernel.py"
    path.write_text(f"FACTOR = {factor}\n{USER}")
    sys.path.insert(0, str(folder))
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # a .pyc would hide an edit within the same second
    try:
        sys.modules.pop("users_kernel", None)
        return __import__("users_kernel")
    finally:
        sys.dont_write_bytecode = writes
        sys.path.remove(str(folder))


def params_of(factor: float) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    return np.array([(factor,)], dtype=[("factor", "<f8")])


def test_each_link_keeps_its_own_state_under_its_name_or_place(tmp_path: Path) -> None:
    scale = user_module(tmp_path, 0.0).scale
    links = [
        Link(scale, ("a", "b", "i", "n"), STATE, params_of(2.0)),
        Link(scale, ("b", "c", "i", "i"), STATE, params_of(3.0), name="second"),
        Link(copy_series, ("c", "0", "b", "0", "i", "n")),
    ]
    chain = chain_kernels("test", links, ("a", "b", "c", "i", "n"), [("c", 1)])
    a, b, c = np.ones((1, 4)), np.zeros((1, 4)), np.zeros((1, 4))
    state = chain.new_state()
    chain.advance(state, a, b, c, 1, 4)
    assert b.tolist() == c.tolist() == [[0.0, 2.0, 2.0, 2.0]]
    assert state["s0"][0]["rows"].tolist() == [3]
    assert state["second"][0]["rows"].tolist() == [0]


def test_editing_a_users_kernel_makes_another_module(tmp_path: Path) -> None:
    results = []
    for factor in (1.0, 5.0):
        scale = user_module(tmp_path, factor).scale
        chain = chain_kernels("test", [Link(scale, ("a", "b", "i", "n"), STATE, params_of(2.0))], ("a", "b", "i", "n"))
        out = np.zeros((1, 1))
        chain.advance(chain.new_state(), np.ones((1, 1)), out, 0, 1)
        results.append(out[0, 0])
    assert results == [3.0, 7.0]


def test_too_few_rows_are_refused() -> None:
    links = [Link(copy_series, ("c", "0", "a", "0", "i", "n"))]
    chain = chain_kernels("test", links, ("a", "c", "i", "n"), [("c", 3)])
    for advance in (chain.advance, interpreted(chain.advance)):
        with pytest.raises(ValueError, match="c needs at least 3 rows"):
            advance(chain.new_state(), np.ones((1, 2)), np.ones((2, 2)), 0, 2)


@pytest.mark.parametrize("value", [0.1, 1e-320, float("inf"), -0.0, 2.0**-1074, 123456789.123456789])
def test_packed_constants_keep_every_bit(value: float) -> None:
    params = np.zeros(1, np.dtype([("n", "<i8"), ("x", "<f8"), ("table", "<f8", (2, 3))], align=True))
    params["n"], params["x"], params["table"] = -(2**62), value, value
    text = text_of_params(params)
    made = fuse("constants", f"import numpy as np\nfrom numpy import inf, nan\nvalues = {text}\n").values
    assert made.tobytes() == params.tobytes()
    assert made.dtype == params.dtype


def test_equal_states_share_one_layout_object(tmp_path: Path) -> None:
    scale = user_module(tmp_path, 0.0).scale
    chains = [
        chain_kernels("test", [Link(scale, ("a", "a", "i", "n"), STATE, params_of(factor))], ("a", "i", "n"))
        for factor in (1.0, 2.0)
    ]
    assert chains[0].state_dtype is chains[1].state_dtype
    assert chains[0].new_state().dtype is chains[1].new_state().dtype
