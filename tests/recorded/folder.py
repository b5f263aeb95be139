"""The folder of recordings: where the second suite looks for it.

``python -m tests.recorded.folder`` prints that; its exit code is 1 where the folder is not there.
"""

import os
import sys
from pathlib import Path

VARIABLE = "QUAESTOR_SHARED"


def folder_of_recordings() -> Path:
    """Return ``$QUAESTOR_SHARED/data``, or ``../shared/data`` beside the repository; it need not be there."""
    chosen = os.environ.get(VARIABLE)
    root = Path(chosen) if chosen else Path(__file__).resolve().parents[3] / "shared"
    return root / "data"


def describe(folder: Path) -> str:
    """Return the sentence that says where recordings are looked for, and what to do where they are not."""
    if folder.is_dir():
        return f"recordings: {folder}"
    return f"recordings: {folder} is not there — set {VARIABLE} to the folder that holds 'data'"


if __name__ == "__main__":
    print(describe(folder_of_recordings()))  # noqa: T201
    sys.exit(not folder_of_recordings().is_dir())
