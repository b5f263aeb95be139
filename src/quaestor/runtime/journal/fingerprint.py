"""Environment fingerprint: versions and processor, on which a run's bits depend besides its inputs."""

import platform
from dataclasses import asdict, dataclass

import numpy as np

from quaestor import __version__
from quaestor.jit.cache import sources_fingerprint


@dataclass(frozen=True, slots=True)
class EnvironmentFingerprint:
    """Versions and processor of the machine that wrote a journal."""

    quaestor: str
    sources: str
    python: str
    numpy: str
    numba: str
    llvmlite: str
    platform: str
    libc: str
    cpu: str

    @classmethod
    def of_this_machine(cls) -> "EnvironmentFingerprint":
        """Return the fingerprint of the running process; it loads the compiler."""
        import llvmlite.binding
        import numba

        return cls(
            quaestor=__version__,
            sources=sources_fingerprint(),
            python=platform.python_version(),
            numpy=np.__version__,
            numba=numba.__version__,
            llvmlite=llvmlite.__version__,
            platform=f"{platform.system()} {platform.machine()}",
            libc=" ".join(platform.libc_ver()),
            cpu=str(llvmlite.binding.get_host_cpu_name()),
        )

    def differences(self, other: "EnvironmentFingerprint") -> list[str]:
        """Return the fields that differ, as text."""
        mine, theirs = asdict(self), asdict(other)
        return [f"{name}: {mine[name]} ≠ {theirs[name]}" for name in mine if mine[name] != theirs[name]]
