"""Where the recordings are: these tests prove what only large recorded files can."""

import os
from pathlib import Path

import pytest

VARIABLE = "QUAESTOR_SHARED"


def folder_of_recordings() -> Path:
    """Return ``$QUAESTOR_SHARED/data``, or ``../shared/data`` beside the repository; it need not be there."""
    chosen = os.environ.get(VARIABLE)
    root = Path(chosen) if chosen else Path(__file__).resolve().parents[3] / "shared"
    return root / "data"


def pytest_report_header() -> str:
    """Return the line that says where recordings are looked for."""
    folder = folder_of_recordings()
    return f"recordings: {folder} ({'there' if folder.is_dir() else 'not there'}; ${VARIABLE} names the folder above)"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded files.

    Fails, rather than skips, when it is absent.
    """
    folder = folder_of_recordings()
    if not folder.is_dir():
        pytest.fail(
            f"no recordings: looked in {folder} — set {VARIABLE} to the folder that holds 'data'", pytrace=False
        )
    return folder
