"""Compile problems: the reason for which a function cannot be compiled, for its author."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from quaestor.jit.cache import INTERPRETED
from quaestor.jit.compile import Kernel


def compile_problem(function: Callable[..., Any], *arguments: object, file: str = "") -> str:
    """Return the reason for which a kernel cannot be compiled for arguments of these types; "" when it can.

    The message is the compiler's, followed by the line of `file`, the author's, at which it stopped.
    """
    if INTERPRETED:
        return ""
    if not isinstance(function, Kernel):
        return "a plain function: decorate it with quaestor.jit.compile.kernel"
    import numba

    try:
        function.dispatcher.compile(tuple(numba.typeof(argument) for argument in arguments))
    except Exception as error:  # noqa: BLE001 - for users' code Numba also raises errors of its internals, of any type
        return _useful_part(f"{error}", Path(file).name) or type(error).__name__
    return ""


def _useful_part(message: str, file: str) -> str:
    """Return the first error of a compiler's message of many lines, and the last line of a file that it names."""
    lines = [re.sub("\x1b\\[[0-9;]*m", "", line).strip() for line in message.splitlines()]
    relevant = [line for line in lines if line and not line.startswith(("Failed in", "During:", "File "))]
    summary = " ".join(relevant[:2] if relevant and relevant[0].endswith(":") else relevant[:1]).replace(">>> ", "")
    numbers: list[str] = re.findall(rf"{re.escape(file)}\"?,? (?:line )?\(?(\d+)", message) if file else []
    return f"{summary} ({file}, line {numbers[-1]})" if numbers else summary
