"""The checker of fields finds names that no table declares, by file and line, and imports nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "docs" / "check_fields.py"
TABLES = """
import nowhere

EVENT = table("event", "", Field("close", "i8"), Field("order", ORDER))
RULE = Rule("drawdown", permit, (Setting("drawdown_pct", 1.0),))

def window_dtype(names):
    return np.dtype([("count", "<i8"), *((f"ring{k}", "f8") for k in range(3))])
"""


def check(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run the script over a folder with two modules, of which none could be imported."""
    (folder / "tables.py").write_text(TABLES)
    (folder / "code.py").write_text(code)
    command = [sys.executable, "-I", str(SCRIPT), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("decorator", ["kernel", "inlined", "allocating"])
def test_a_misspelt_field_in_compiled_code_is_found(tmp_path: Path, decorator: str) -> None:
    done = check(tmp_path, f'@{decorator}\ndef f(event):\n    x = event["close"]\n    return event["colse"]\n')
    assert done.returncode == 1
    assert done.stderr == "code.py:4: no table has a field 'colse'\n"


def test_a_misspelt_field_of_an_annotated_table_is_found(tmp_path: Path) -> None:
    code = (
        'def f(rows: Table, other):\n    row: Row = g()\n    other["x"]\n    rows[0]["ordre"]\n    row["cuont"] = 1\n'
    )
    done = check(tmp_path, code)
    assert done.stderr.splitlines() == [
        "code.py:4: no table has a field 'ordre'",
        "code.py:5: no table has a field 'cuont'",
    ]


def test_declared_fields_pass(tmp_path: Path) -> None:
    names = ("close", "order", "drawdown", "drawdown_pct", "count", "ring2")
    code = "@kernel\ndef f(row):\n" + "".join(f'    row["{name}"]\n' for name in names)
    done = check(tmp_path, code)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_sources_name_declared_fields_alone() -> None:
    done = subprocess.run([sys.executable, "-I", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
