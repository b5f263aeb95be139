"""Fixtures of the tests that prove what only large recorded files can."""

from pathlib import Path

import pytest
from tests.recorded.folder import describe, folder_of_recordings


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded files.

    Fails, rather than skips, when it is absent.
    """
    folder = folder_of_recordings()
    if not folder.is_dir():
        pytest.fail(describe(folder), pytrace=False)
    return folder
