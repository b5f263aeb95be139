"""Sample data: recorded bars shipped with the package for a first run; README.md states their origin."""

from pathlib import Path

from quaestor.errors import ConfigError

#: Prefix by which a sample is named where a file is expected: ``sample:1h``.
PREFIX = "sample:"
#: File names of the samples, by length of their bars.
SAMPLES = {
    "1h": "spot_1h_2023-03_2024-02.parquet",
    "1m": "spot_1m_2024-01.parquet",
}
#: The samples as they may be named, in a sentence.
CHOICES = " or ".join(PREFIX + name for name in SAMPLES)


def sample_path(name: str) -> Path:
    """Return the file of a sample by its name; symbols BTCUSDT, ETHUSDT and SOLUSDT in long form.

    Raises:
        ConfigError: there is no such sample.

    Example:
        >>> sample_path("1h").name
        'spot_1h_2023-03_2024-02.parquet'
    """
    if name not in SAMPLES:
        raise ConfigError("no such sample", place=PREFIX + name, remedy=f"give {CHOICES}")
    return Path(__file__).parent / SAMPLES[name]


def resolve_sample(path: Path) -> Path:
    """Return the file of the sample that ``sample:NAME`` stands for; any other path unchanged.

    Raises:
        ConfigError: there is no such sample.

    Example:
        >>> resolve_sample(Path("sample:1m")) == sample_path("1m"), resolve_sample(Path("bars.csv")).name
        (True, 'bars.csv')
    """
    text = str(path)
    return sample_path(text.removeprefix(PREFIX)) if text.startswith(PREFIX) else path
