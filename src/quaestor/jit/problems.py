"""Reasons for which a function cannot be compiled, in words that its author can use."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from quaestor.jit.cache import INTERPRETED
from quaestor.jit.compile import Kernel


def compile_problem(function: Callable[..., Any], *arguments: object, file: str = "") -> str:
    """Why a kernel cannot be compiled for arguments of these types, in the compiler's words; "" when it can.

    `file` is where its author would look: the message names the line of it that the compiler stopped at.
    """
    if INTERPRETED:
        return ""
    if not isinstance(function, Kernel):
        return "a plain function: decorate it with quaestor.jit.compile.kernel"
    import numba

    try:
        function.dispatcher.compile(tuple(numba.typeof(argument) for argument in arguments))
    except Exception as error:  # noqa: BLE001 - the compiler meets foreign code, and fails in ways of its own
        return _useful_part(f"{error}", Path(file).name) or type(error).__name__
    return ""


def _useful_part(message: str, file: str) -> str:
    """The first complaint of a compiler's message of many lines, and the last line of a file that it names."""
    lines = [re.sub("\x1b\\[[0-9;]*m", "", line).strip() for line in message.splitlines()]
    said = [line for line in lines if line and not line.startswith(("Failed in", "During:", "File "))]
    complaint = " ".join(said[:2] if said and said[0].endswith(":") else said[:1]).replace(">>> ", "")
    places: list[str] = re.findall(rf"{re.escape(file)}\"?,? (?:line )?\(?(\d+)", message) if file else []
    return f"{complaint} ({file}, line {places[-1]})" if places else complaint
