"""Bad inputs: exit code 2, one error that names the place and the remedy, and nothing half-written."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from tests.command_line import refusal
from tests.made_markets import Perpetuals
from tests.slices import HOURS, cut

NAME = "binance_spot_BTCUSDT_1h.parquet"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / NAME
    cut(HOURS, path, "2023-03-01", "2023-03-13", "BTCUSDT")
    pl.read_parquet(path).drop("symbol").write_parquet(path)
    return path


def refused(tmp_path: Path, data: object, *options: object, command: tuple[str, ...] = ("backtest",)) -> str:
    """Return the message of a refused run with a journal and results; check that neither was begun."""
    out, journal = tmp_path / "out", tmp_path / "journal"
    run = (*command, "--data", data, "--symbol", "BTCUSDT", "--out", out, "--journal", journal, *options, "--json")
    message = refusal(*run)
    for left in (out, journal):
        assert not left.exists() or (left.is_dir() and not list(left.iterdir())), list(left.iterdir())
    return message


def spoil(column: str, value: float) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return a frame with one cell replaced."""
    chosen = pl.int_range(pl.len()) == 100
    return lambda frame: frame.with_columns(pl.when(chosen).then(value).otherwise(column).alias(column))


BAD_FRAMES: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], str]] = {
    "missing column": (lambda frame: frame.drop("close"), "no column close — bars need ts, open"),
    "no time": (lambda frame: frame.drop("ts"), "no column ts — bars need"),
    "text for numbers": (
        lambda frame: frame.with_columns(close=pl.lit("dear")),
        "column 'close' (close) of type String holds no numbers",
    ),
    "NaN": (spoil("close", float("nan")), "row 100 (BTCUSDT, 2023-03-05T04:00:00Z): close is nan, not a finite number"),
    "infinity": (spoil("high", float("inf")), "high is inf, not a finite number"),
    "null": (lambda frame: frame.with_columns(open=pl.col("open").shift(3)), "row 0 (BTCUSDT"),
    "negative price": (spoil("low", -5.0), "low is -5.0, a price must be positive"),
    "negative volume": (spoil("volume", -1.0), "volume is -1.0, negative"),
    "high below low": (spoil("high", 1.0), "prices contradict each other"),
    "descending": (lambda frame: frame.reverse(), "the stamp is earlier than the row before (unsorted)"),
    "unsorted": (
        lambda frame: pl.concat([frame[:50], frame[60:70], frame[50:60], frame[70:]]),
        "row 60 (BTCUSDT, 2023-03-03T02:00:00Z): the stamp is earlier than the row before (unsorted)",
    ),
    "duplicate": (
        lambda frame: pl.concat([frame[:100], frame[99:]]),
        "row 100 (BTCUSDT, 2023-03-05T03:00:00Z): the stamp of the row before comes again (duplicate)",
    ),
    "no rows": (lambda frame: frame.clear(), "no rows of BTCUSDT — give a file that holds bars"),
    "one row": (lambda frame: frame.head(1), "do not show how long a bar is — give --timeframe"),
}


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_a_file_with_impossible_bars_is_refused(name: str, good: Path, tmp_path: Path) -> None:
    spoiled, expected = BAD_FRAMES[name]
    file = tmp_path / NAME
    spoiled(pl.read_parquet(good)).write_parquet(file)
    message = refused(tmp_path, file)
    assert message.startswith(f"{file}: ")
    assert expected in message
    assert " — " in message


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame by the ending of the name."""
    match path.suffix:
        case ".parquet":
            frame.write_parquet(path)
        case ".csv":
            frame.write_csv(path)
        case _:
            frame.write_ipc(path)


@pytest.mark.parametrize("name", [NAME, "binance_spot_BTCUSDT_1h.csv", "binance_spot_BTCUSDT_1h.feather"])
@pytest.mark.parametrize("kept", [0.0, 0.4, 0.999])
def test_an_empty_or_truncated_file_is_refused(name: str, kept: float, good: Path, tmp_path: Path) -> None:
    frame = pl.read_parquet(good)
    whole = tmp_path / name
    write(frame, whole)
    content = whole.read_bytes()
    shorter = content[: int(kept * len(content))]
    if whole.suffix == ".csv" and kept:
        shorter = shorter.rpartition(b"\n")[0] + b"\n167800"  # a line that stops in the middle of its first field
    whole.write_bytes(shorter)
    message = refused(tmp_path, whole)
    assert message.startswith(f"{whole}: ")
    assert "\n" not in message


def test_missing_files_are_refused(good: Path, perpetuals: Perpetuals, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.parquet"
    assert refused(tmp_path, nowhere) == f"{nowhere}: no such file — check the path given"
    (tmp_path / "empty").mkdir()
    assert "holds no imported bars" in refused(tmp_path, tmp_path / "empty")
    for option in ("--funding", "--instruments", "--config"):
        message = refused(tmp_path, good, "--market", "perp", option, nowhere)
        assert str(nowhere) in message
    assert "mark: mark prices without funding rates" in refused(tmp_path, good, "--market", "perp", "--mark", good)
    funding = ("--funding", perpetuals.funding)
    assert "--funding: funding on a spot market" in refused(tmp_path, good, *funding)
    assert "holds no funding rates" in refused(tmp_path, good, "--market", "perp", "--funding", good)


def test_unknown_symbols_are_refused(good: Path) -> None:
    message = refusal("backtest", "--data", HOURS, "--symbol", "SOLUSD", "--json")
    assert message.startswith(f"{HOURS}: unknown symbol 'SOLUSD' — did you mean SOLUSDT")
    mismatch = refusal("backtest", "--data", good, "--symbol", "ETHUSDT", "--json")
    assert "asked for ETHUSDT, but the file name says BTCUSDT — use --symbol BTCUSDT" in mismatch


#: Options, and what the message must hold: where, what, and what to do.
BAD_OPTIONS: list[tuple[tuple[str, ...], str]] = [
    (("--strategy", "ema_crss"), "--strategy: unknown strategy 'ema_crss' — did you mean ema_cross?"),
    (("--set", "fats=3"), "--set fats: unknown parameter 'fats' — did you mean fast?"),
    (("--set", "fast=100000"), "fast = 100000 is not allowed — give a whole number from 1 to 5000"),
    (("--set", "fast=0"), "--set fast: fast = 0 is not allowed"),
    (("--set", "fast=1.5"), "give a whole number from 1 to 5000"),
    (("--set", "side=up"), "--set side: "),
    (("--set", "fast=50", "--set", "slow=10"), "fast = 50 must be shorter than slow = 10"),
    (("--set", "fast=10", "--set", "slow=10"), "fast = 10 must be shorter than slow = 10"),
    (("--set", "fast"), "--set fast: is no assignment — write --set NAME=VALUE"),
    (("--timeframe", "7q"), "--timeframe: '7q' is not allowed here — give a number and s, m, h, d or w"),
    (("--timeframe", "1m"), "1m bars cannot be built from 1h bars — choose a whole multiple of 1h"),
    (("--timeframe", "90m"), "90m bars cannot be built from 1h bars"),
    (("--timeframe", "4w"), "no complete bar of BTCUSDT is left at 4w"),
    (("--from", "2023-03-05", "--to", "2023-03-02"), "--to: "),
    (("--from", "2023-03-05", "--to", "2023-03-05"), "is not after the start"),
    (("--from", "2030-01-01"), "the file holds 2023-03-01T00:00:00Z to 2023-03-12T23:00:00Z"),
    (("--from", "soon"), "--from: 'soon' is not allowed here — give a date or ISO time"),
    (("--capital", "-1"), "--capital: '-1' is not allowed here — give money above 0"),
    (("--capital", "nan"), "--capital: 'nan' is not allowed here"),
    (("--capital", "1e30"), "--capital: 1E+30 USDT does not fit the ledger — give from 1E-8 to"),
    (("--capital", "1e-30"), "--capital: 1E-30 USDT does not fit the ledger"),
    (("--size", "0"), "--size: '0' is not allowed here — give a fraction of equity above 0"),
    (("--size", "1e12"), "--size: '1e12' is not allowed here"),
    (("--risk", "yolo"), "--risk: 'yolo' is not allowed here — give default, conservative or permissive"),
    (("--limit", "positon_pct=3"), "--limit positon_pct: unknown limit 'positon_pct' — did you mean position_pct"),
    (
        ("--limit", "position_pct=-3"),
        "--limit position_pct: '-3' is not allowed here — give a number from 0",
    ),
    (("--leverage", "3"), "--leverage: leverage 3 on spot — use --market perp, or leverage 1"),
    (("--leverage", "3", "--set", "side=both"), "--leverage: leverage 3 on spot"),
    (("--leverage", "0", "--market", "perp"), "give a whole number from 1 to 125"),
    (("--market", "bazaar"), "--market: 'bazaar' is not allowed here — give spot, perp, inverse or equity"),
    (("--regime", "calm"), "--regime: unknown regime filter 'calm' — known: none, volatility_trend"),
    (("--execution", "twap"), "--execution: unknown execution algorithm 'twap' — known: market, passive"),
    (("--fee-bps", "cheap"), "--fee-bps: 'cheap' is not allowed here"),
    (("--slippage-bps", "-1"), "--slippage-bps: '-1' is not allowed here"),
    (("--volume-cap", "2"), "--volume-cap: '2' is not allowed here — give a share"),
    (("--journal-level", "all"), "--journal-level: 'all' is not allowed here — give full"),
    (("--profile", "night"), "--profile: needs a file to take the profile from — give --config FILE"),
    (("--no-such-option",), "No such option: --no-such-option"),
]


@pytest.mark.parametrize(("options", "expected"), BAD_OPTIONS, ids=lambda value: " ".join(value)[:40] if value else "")
def test_options_out_of_range_are_refused(options: tuple[str, ...], expected: str, good: Path, tmp_path: Path) -> None:
    message = refused(tmp_path, good, *options)
    assert expected in message
    assert "\n" not in message


def test_several_mistakes_are_listed_at_once(good: Path, tmp_path: Path) -> None:
    wrong = ("--strategy", "ema_crss", "--capital", "-5", "--size", "0", "--risk", "yolo", "--timeframe", "7q")
    lines = refused(tmp_path, good, *wrong, "--limit", "foo=1").splitlines()
    assert lines[0] == "configuration: 6 settings are wrong:"
    for number, place in enumerate(("--strategy", "--limit foo", "--timeframe", "--capital", "--size", "--risk"), 1):
        assert lines[number].startswith(f"  {number}. {place}: ")
        assert " — " in lines[number]


def test_missing_options_and_impossible_speeds_are_refused(good: Path) -> None:
    assert refusal("backtest", "--data", good, "--json").startswith("--symbol: is missing — give --symbol")
    both = refusal("backtest", "--json")
    assert "--data: is missing" in both
    assert "--symbol: is missing" in both
    for speed in ("0", "-3", "nan", "fast"):
        run = ("paper", "--data", good, "--symbol", "BTCUSDT", "--speed", speed, "--json")
        assert "--speed: " in refusal(*run)


@pytest.mark.parametrize("command", [("backtest",), ("paper", "--speed", "max")])
def test_unwritable_outputs_are_refused(command: tuple[str, ...], good: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("mine")
    for place in (in_the_way, in_the_way / "below"):
        message = refused(tmp_path, good, "--out", place, command=command)
        assert message.startswith(f"--out {place}: cannot be written: ")
        assert "choose a directory that you may write to" in message
        message = refused(tmp_path, good, "--journal", place, command=command)
        assert message.startswith(f"{place}: cannot write the journal: ")
    assert in_the_way.read_text() == "mine"


BAD_FILES = {
    "broken.yaml": ("data: [1,\n", "broken.yaml line 2: is no YAML"),
    "broken.toml": ("a = = 3\n", "broken.toml: is no TOML"),
    "list.yaml": ("- 5\n", "list.yaml: is no table of settings"),
    "section.yaml": (
        "acount:\n  capital: 5\n",
        "section.yaml: acount: unknown setting 'acount' — did you mean",
    ),
    "key.yaml": (
        "account:\n  captial: 5\n",
        "key.yaml: account.captial: unknown setting 'captial' — did you",
    ),
    "value.toml": ('[costs]\nfee_bps = "dear"\n', "value.toml: costs.fee_bps: 'dear' is not allowed here"),
    "twice.yaml": ("seed: 1\nseed: 2\n", "twice.yaml line 2: is no YAML: 'seed' is given twice"),
    "config.ini": ("[a]\n", "'.ini' is no configuration format — give a .yaml, .yml or .toml file"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_wrong_configuration_file_is_refused(name: str, good: Path, tmp_path: Path) -> None:
    text, expected = BAD_FILES[name]
    file = tmp_path / name
    file.write_text(text)
    assert expected in refused(tmp_path, good, "--config", file)


def test_wrong_environment_variables_are_refused(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAESTOR_ACCOUNT__CAPITAL", "lots")
    assert "environment QUAESTOR_ACCOUNT__CAPITAL: 'lots' is not allowed here" in refused(tmp_path, good)
