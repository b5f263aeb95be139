"""Fixtures for every test."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# the first example of a test may compile a kernel: no deadline
settings.register_profile("kernels", deadline=None)
settings.load_profile("kernels")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recorded files: ``$QUAESTOR_SHARED/data``, or ``../shared/data`` beside the repository.

    Fails, rather than skips, when the folder is absent: the tests that take it prove something only on real data.
    """
    chosen = os.environ.get("QUAESTOR_SHARED")
    root = Path(chosen) if chosen else Path(__file__).resolve().parents[2] / "shared"
    folder = root / "data"
    if not folder.is_dir():
        pytest.fail(f"no real data at {folder}: set QUAESTOR_SHARED to the folder that holds 'data'")
    return folder
