"""Linking of kernels: a kernel that kernels call is kept unoptimised, for its callers to optimise it with themselves.

Numba makes each function ready to run by itself: it optimises the function with all that it calls, and makes machine
code of the whole, so that a function deep in a tree of calls is compiled again at every level above it. Here only an
entry point, a kernel that Python calls, is optimised and becomes machine code, with all that it calls.
"""

from collections.abc import Iterable
from typing import Any

from llvmlite import binding
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.environment import lookup_environment
from numba.core.typed_passes import NativeLowering


class KernelLibrary(JITCodeLibrary):  # type: ignore[misc]
    """Code of one kernel, to which that of the kernels it calls is linked when it is asked for."""

    _shared_module: Any

    @classmethod
    def from_bitcode(cls, codegen: Any, name: str, bitcode: bytes, initialisers: Iterable[Any]) -> "KernelLibrary":
        """Return the library of a called kernel that was cached as `bitcode`, with what must run before its code."""
        library = cls(codegen, name)
        library._reload_init.update(initialisers)
        library._shared_module = binding.parse_bitcode(bitcode)
        return library

    def bitcode(self) -> bytes:
        """Return the unoptimised code with all that it calls."""
        return bytes(self._get_module_for_linking().as_bitcode())

    @property
    def refers_to_addresses(self) -> bool:
        """Whether the code holds addresses of this process, such as that of a large array, and cannot be cached."""
        variables = self._get_module_for_linking().global_variables
        return any(variable.name.startswith("numba.dynamic.globals") for variable in variables)

    def add_linking_library(self, library: Any) -> None:
        """Remember a library that the code calls, without making machine code of it."""
        self._linking_libraries.append(library)
        self._reload_init.update(library._reload_init)

    def _get_module_for_linking(self) -> Any:
        if self._finalized:
            return super()._get_module_for_linking()
        if self._shared_module is None:
            module = self._final_module.clone()
            for library in dict.fromkeys(self._linking_libraries):
                module.link_in(library._get_module_for_linking(), preserve=True)
            for function in module.functions:
                if not function.is_declaration and function.linkage == binding.Linkage.external:
                    function.linkage = "linkonce_odr"
            self._shared_module = module
        return self._shared_module


def _library_of(state: Any) -> KernelLibrary:
    library = KernelLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
    library.enable_object_caching()
    return library


@register_pass(mutates_CFG=True, analysis_only=False)
class _EntryLowering(NativeLowering):  # type: ignore[misc]
    """Lower a kernel that Python calls, and make machine code of it."""

    _name = "entry_lowering"

    def run_pass(self, state: Any) -> bool:
        state.library = _library_of(state)
        super().run_pass(state)
        for variable in state.library._final_module.global_variables:
            environment = lookup_environment(variable.name)
            if environment is not None:
                state.library.codegen.set_env(environment.env_name, environment)
        return True


@register_pass(mutates_CFG=True, analysis_only=False)
class _CalleeLowering(NativeLowering):  # type: ignore[misc]
    """Lower a kernel that kernels call, and leave it at that."""

    _name = "callee_lowering"

    def run_pass(self, state: Any) -> bool:
        state.library = _library_of(state)
        state.flags.no_compile = True
        super().run_pass(state)
        state.reload_init.extend(state.library._reload_init)
        no_address = object()  # by which callers find the code
        state.targetctx.insert_user_function(no_address, state.cr.fndesc, [state.library])
        state.cr = state.cr._replace(cfunc=no_address)
        return True


class _Compiler(CompilerBase):  # type: ignore[misc]
    lowering: type[NativeLowering]

    def define_pipelines(self) -> list[Any]:
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.passes = [(self.lowering if each is NativeLowering else each, text) for each, text in passes.passes]
        passes.finalize()
        return [passes]


class EntryCompiler(_Compiler):
    """Compiler of kernels that Python calls."""

    lowering = _EntryLowering


class CalleeCompiler(_Compiler):
    """Compiler of kernels that kernels call."""

    lowering = _CalleeLowering
