"""The instrument table: every real price on its grid, user tables, assumed grids, mistakes named."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.slices import HOURS, JANUARY, MINUTES

from quaestor.adapters.instruments.assumed import assumed_instrument, is_plausible_symbol
from quaestor.adapters.instruments.catalog import load_instruments
from quaestor.errors import ConfigError, UnknownNameError
from quaestor.ledger.codes import ContractKind

PRICES = ("open", "high", "low", "close")


def require_on_grid(path: Path, market: str) -> None:
    """Every price of a file is a whole number of its instrument's ticks."""
    frame = pl.read_parquet(path)
    if "symbol" not in frame.columns:
        frame = frame.with_columns(symbol=pl.lit(path.name.split("_")[2]))
    table = load_instruments()
    for symbol in frame["symbol"].unique().cast(pl.String).to_list():
        instrument = table.find(symbol, market)
        assert not instrument.assumed, symbol
        prices = np.unique(frame.filter(pl.col("symbol") == symbol).select(*PRICES).to_numpy())
        ticks = prices / float(instrument.tick_size)
        off = np.abs(ticks - np.rint(ticks)) > 1e-9 * np.maximum(ticks, 1.0)
        assert not off.any(), f"{symbol}: {prices[off][:5]}"
        assert prices.max() < float(instrument.max_price)


@pytest.mark.parametrize("path", [MINUTES, HOURS, JANUARY], ids=lambda path: path.stem)
def test_every_real_price_is_a_whole_number_of_ticks(path: Path) -> None:
    require_on_grid(path, "spot")


def test_every_shipped_instrument_is_consistent() -> None:
    table = load_instruments()
    assert len(table.instruments) == 31
    for (symbol, market), instrument in table.instruments.items():
        assert (instrument.symbol, instrument.market) == (symbol, market)
        assert instrument.is_margined == instrument.shortable == (market in ("perp", "inverse"))
        assert not instrument.assumed
        if instrument.is_inverse:
            assert instrument.inverse_numerator * instrument.tick_size * instrument.quantum == instrument.contract_value


def test_fees_and_rules_of_known_instruments() -> None:
    table = load_instruments()
    spot, perp = table.find("BTCUSDT", "spot"), table.find("BTCUSDT", "perp")
    assert (spot.tick_size, spot.lot_size, spot.min_notional) == (Decimal("0.01"), Decimal("0.00001"), Decimal(5))
    assert (spot.maker_fee, spot.taker_fee) == (Decimal("0.001"), Decimal("0.001"))
    assert (perp.maker_fee, perp.taker_fee) == (Decimal("0.0002"), Decimal("0.0005"))
    assert table.find("BTCUSD_PERP", "inverse").contract_value == 100
    assert table.find("SPY", "equity").kind is ContractKind.EQUITY
    assert table.markets_of("BTCUSDT") == ("spot", "perp")
    assert table.markets_of("SPY") == ("equity",)


def test_a_user_table_extends_and_overrides(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        """
[[group]]
market = "spot"
quote = "USDT"
taker_fee = 0.00075

[group.instruments]
BTCUSDT = { maker_fee = 0.00075 }
NEWUSDT = { base = "NEW", quantum = 0.00000001, tick_size = 0.001, lot_size = 0.1, min_notional = 1,
            max_price = 100, max_quantity = 1000000, maker_fee = 0 }
""".replace(",\n            ", ", ")
    )
    table = load_instruments(mine)
    assert table.find("BTCUSDT", "spot").taker_fee == Decimal("0.00075")
    assert table.find("BTCUSDT", "spot").tick_size == Decimal("0.01")
    assert table.find("BTCUSDT", "perp").taker_fee == Decimal("0.0005")
    assert table.find("NEWUSDT", "spot").multiplier == 10_000
    assert load_instruments().find("BTCUSDT", "spot").taker_fee == Decimal("0.001")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("market = ", "no TOML"),
        ("[other]\nx = 1", "nothing else"),
        ('[[group]]\nmarket = "moon"', "market is 'moon'"),
        ('[[group]]\nmarket = "spot"', "group.instruments"),
        ('[[group]]\nmarket = "spot"\n[group.instruments]\nX = 3', "group.instruments"),
        ('[[group]]\nmarket = "spot"\n[group.instruments]\nNEWUSDT = { base = "NEW" }', "missing lot_size, maker_fee"),
        ('[[group]]\nmarket = "spot"\n[group.instruments]\nBTCUSDT = { tik = 1 }', "unknown field tik"),
        (
            '[[group]]\nmarket = "spot"\n[group.instruments]\nBTCUSDT = { tick_size = "x" }',
            "tick_size must be a number",
        ),
        (
            '[[group]]\nmarket = "spot"\n[group.instruments]\nBTCUSDT = { tick_size = true }',
            "tick_size must be a number",
        ),
        ('[[group]]\nmarket = "spot"\n[group.instruments]\nBTCUSDT = { lot_size = nan }', "lot_size must be a number"),
        ('[[group]]\nmarket = "spot"\n[group.instruments]\nBTCUSDT = { shortable = 1 }', "true or false"),
        (
            '[[group]]\nmarket = "spot"\n[group.instruments]\nBTCUSDT = { tick_size = 0.000000003 }',
            "whole number of quanta",
        ),
    ],
)
def test_mistakes_in_a_table_are_named(tmp_path: Path, text: str, message: str) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_instruments(mine)


def test_every_mistake_of_a_row_is_named_at_once(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('[[group]]\nmarket = "spot"\n[group.instruments]\nBTCUSDT = { tik = 1, lot_size = "x", base = 3 }')
    with pytest.raises(ConfigError) as caught:
        load_instruments(mine)
    message = str(caught.value)
    assert "unknown field tik" in message
    assert "lot_size must be a number" in message
    assert "base must be a text" in message
    assert "BTCUSDT" in message


def test_a_missing_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the instrument table"):
        load_instruments(tmp_path / "none.toml")


@given(
    st.sampled_from(["SHIBUSDT", "XRPETH", "NEWCOIN", "FOOBTC"]),
    st.sampled_from(["spot", "perp"]),
    st.decimals("1e-12", "1e9", allow_nan=False, allow_infinity=False).filter(lambda price: price > 0),
)
def test_an_assumed_grid_fits_and_is_fine(symbol: str, market: str, price: Decimal) -> None:
    instrument = assumed_instrument(symbol, market, price)
    assert instrument.assumed
    assert instrument.tick_size <= price / 1_000_000
    assert instrument.lot_size * price <= Decimal("0.1")
    assert instrument.max_price >= 1000 * price
    assert instrument.max_quantity * price >= 400
    assert instrument.multiplier == 1


def test_unknown_symbols_and_markets() -> None:
    table = load_instruments()
    assert table.find("ZZZUSDT", "spot").quote == "USDT"
    assert table.find("MSFT", "equity").lot_size == 1
    assert table.find("ZZZUSDT", "perp").shortable
    with pytest.raises(UnknownNameError, match="unknown market 'futures'"):
        table.find("BTCUSDT", "futures")
    with pytest.raises(UnknownNameError, match="unknown symbol"):
        table.find("../etc", "spot")
    with pytest.raises(ConfigError, match="contract value"):
        table.find("ETHUSD_PERP", "inverse")
    with pytest.raises(ConfigError, match="gives no grid"):
        table.find("ZZZUSDT", "spot", first_price=Decimal(0))
    assert not is_plausible_symbol("A" * 31)
