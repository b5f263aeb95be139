"""Sample data: recorded bars shipped with the package for a first run; README.md states their origin."""

from pathlib import Path

from quaestor.errors import UnknownNameError

#: File names of the samples, by name of the sample.
SAMPLES = {
    "spot_1m": "spot_1m_2024-01.parquet",
    "spot_1h": "spot_1h_2023-03_2024-02.parquet",
}


def sample_path(name: str) -> Path:
    """Return the file of a sample, by its name or file name; symbols BTCUSDT, ETHUSDT and SOLUSDT in long form.

    Raises:
        UnknownNameError: when there is no such sample.

    Example:
        >>> sample_path("spot_1h").name
        'spot_1h_2023-03_2024-02.parquet'
    """
    file = SAMPLES.get(name, name)
    if file not in SAMPLES.values():
        raise UnknownNameError("sample", name, SAMPLES)
    return Path(__file__).parent / file
