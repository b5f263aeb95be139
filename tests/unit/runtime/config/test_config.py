"""Configuration: layers, provenance of mistakes, and the rules between settings."""

import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from quaestor.errors import ConfigError
from quaestor.runtime.config import RunConfig, load_config
from quaestor.runtime.config.catalogs import risk_limits
from quaestor.runtime.config.layers import ALIASES, NO_SETTINGS
from quaestor.runtime.config.load import OPTIONS, environment_names
from quaestor.runtime.config.model import RESIZE_STEP

ROOT = Path(__file__).resolve().parents[4]


def load(
    tmp_path: Path,
    text: str = "",
    *,
    suffix: str = ".yaml",
    dotenv: str = "",
    environment: dict[str, str] | None = None,
    profile: str | None = None,
    settings: tuple[str, ...] = (),
    limits: tuple[str, ...] = (),
    sizing: tuple[str, ...] = (),
    required: tuple[str, ...] = (),
    **options: object,
) -> RunConfig:
    file = tmp_path / f"run{suffix}"
    file.write_text(text)
    variables = tmp_path / ".env"
    variables.write_text(dotenv)
    return load_config(
        file=file,
        profile=profile,
        options={name.replace("__", "."): value for name, value in options.items()},
        settings=settings,
        limits=limits,
        sizing=sizing,
        required=required,
        environment=environment or {},
        dotenv=variables,
    )


def test_without_settings_the_defaults_hold() -> None:
    config = load_config(environment={}, dotenv=None)
    assert config == RunConfig()
    costs = config.costs
    assert (costs.slippage_bps, costs.spread_bps, costs.latency_ms, costs.volume_cap) == (2.0, 1.0, 250.0, 0.1)
    assert costs.fee_bps is None
    assert config.account.capital == Decimal(10000)


def test_each_layer_overrides_the_one_before(tmp_path: Path) -> None:
    text = "account: {capital: 1}\n"
    assert load(tmp_path, text).account.capital == 1
    name = "QUAESTOR_ACCOUNT__CAPITAL"
    assert load(tmp_path, text, dotenv=f"{name}=2").account.capital == 2
    assert load(tmp_path, text, dotenv=f"{name}=2", environment={name: "3"}).account.capital == 3
    assert load(tmp_path, text, dotenv=f"{name}=2", environment={name: "3"}, account__capital="4").account.capital == 4


@pytest.mark.parametrize("name", sorted(NO_SETTINGS))
def test_variables_that_are_no_settings_are_ignored(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, dotenv=f"{name}=x", environment={name: "x"}) == RunConfig()


def test_an_option_that_was_not_given_changes_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "seed: 9", seed=None).seed == 9


def test_toml_and_yaml_give_the_same_configuration(tmp_path: Path) -> None:
    yaml = "strategy:\n  name: breakout\n  settings: {entry: 20, side: both}\ncosts: {fee_bps: 7.5}\n"
    toml = '[strategy]\nname = "breakout"\n[strategy.settings]\nentry = 20\nside = "both"\n[costs]\nfee_bps = 7.5\n'
    config = load(tmp_path, yaml)
    assert config == load(tmp_path, toml, suffix=".toml")
    assert config.strategy.settings == {"entry": "20", "side": "both"}
    assert config.costs.fee_bps == Decimal("7.5")


def test_a_profile_overrides_the_rest_of_its_file(tmp_path: Path) -> None:
    text = "seed: 1\naccount: {size: 0.5}\nprofiles:\n  small: {account: {size: 0.1}}\n"
    assert load(tmp_path, text).account.size == 0.5
    small = load(tmp_path, text, profile="small")
    assert (small.account.size, small.seed) == (0.1, 1)
    with pytest.raises(ConfigError, match=r"unknown profile 'smal' in run\.yaml — did you mean small"):
        load(tmp_path, text, profile="smal")
    with pytest.raises(ConfigError, match="the file has no profiles"):
        load(tmp_path, "seed: 1", profile="smal")
    with pytest.raises(ConfigError, match="--profile: needs a file"):
        load_config(profile="small", environment={}, dotenv=None)


def test_naming_another_strategy_drops_the_parameters_of_the_one_before(tmp_path: Path) -> None:
    text = "strategy: {name: ema_cross, settings: {fast: 10, slow: 50}}\n"
    assert load(tmp_path, text, settings=("fast=20",)).strategy.settings == {"fast": "20", "slow": "50"}
    other = load(tmp_path, text, strategy__name="breakout", settings=("entry=15",))
    assert other.strategy.settings == {"entry": "15"}


def test_several_symbols_and_strategies_are_given_as_text_or_list(tmp_path: Path) -> None:
    text = "data: {symbol: [BTCUSDT, ETHUSDT]}\nstrategy: {name: [ema_cross, breakout], shares: [0.7, 0.3]}\n"
    config = load(tmp_path, text, settings=("ema_cross.fast=5", "breakout.entry=19"))
    assert config.data.symbols == ("BTCUSDT", "ETHUSDT")
    assert config.strategy.names == ("ema_cross", "breakout")
    assert config.strategy.shares == (0.7, 0.3)
    assert config.strategy.settings_of("breakout") == {"entry": "19"}
    same = load(
        tmp_path,
        data__symbol="BTCUSDT, ETHUSDT",
        strategy__name="ema_cross,breakout",
        strategy__shares="0.7,0.3",
        settings=("ema_cross.fast=5", "breakout.entry=19"),
    )
    assert same.strategy.names == config.strategy.names
    assert (same.data.symbols, same.strategy.shares) == (config.data.symbols, config.strategy.shares)
    assert RunConfig.from_json(config.to_json()) == config


def test_positions_are_resized_by_default_where_strengths_vary(tmp_path: Path) -> None:
    assert load(tmp_path).strategy.resize_step == math.inf
    assert load(tmp_path, strategy__name="ema_cross,breakout").strategy.resize_step == RESIZE_STEP
    assert load(tmp_path, allocation__method="hrp").strategy.resize_step == RESIZE_STEP
    assert load(tmp_path, allocation__method="fixed", allocation__weights="1,2").strategy.resize_step == math.inf
    chosen = load(tmp_path, strategy__name="ema_cross,breakout", strategy__resize_step="off")
    assert chosen.strategy.resize_step == math.inf
    assert RunConfig.from_json(chosen.to_json()) == chosen


@pytest.mark.parametrize("zero", [0, "0", 0.0, "0.0"])
def test_zero_slippage_turns_the_other_frictions_off(tmp_path: Path, zero: object) -> None:
    costs = load(tmp_path, costs__slippage_bps=zero).costs
    assert (costs.spread_bps, costs.latency_ms, costs.volume_cap) == (0.0, 0.0, None)
    kept = load(tmp_path, "costs: {latency_ms: 80, volume_cap: 0.2}", costs__slippage_bps=zero).costs
    assert (kept.spread_bps, kept.latency_ms, kept.volume_cap) == (0.0, 80.0, 0.2)


def test_a_limit_that_is_off_is_infinite(tmp_path: Path) -> None:
    config = load(tmp_path, "risk: {overrides: {drawdown_pct: off, var_pct: .inf}}", limits=("position_pct=off",))
    assert config.risk.overrides == {"drawdown_pct": math.inf, "var_pct": math.inf, "position_pct": math.inf}
    assert load(tmp_path, costs__volume_cap="off").costs.volume_cap is None


def test_well_known_names_set_limits_in_percent(tmp_path: Path) -> None:
    given = {"MAX_POSITION_SIZE": "1.0", "STOP_LOSS_PCT": "5", "TAKE_PROFIT_PCT": "10", "MAX_OPEN_TRADES": "5"}
    config = load(tmp_path, environment=given)
    assert config.risk.overrides == {
        "position_pct": 1.0,
        "stop_loss_pct": 5.0,
        "take_profit_pct": 10.0,
        "open_trades_max": 5.0,
    }


def test_every_well_known_name_is_a_limit() -> None:
    for table, _, name in ALIASES.values():
        assert table == "risk"
        assert name in risk_limits()


def test_every_option_and_variable_is_a_setting() -> None:
    assert {f"QUAESTOR_{name.upper().replace('.', '__')}" for name in OPTIONS} <= environment_names()


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2024-02-29T12:30:00", datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
        ("2024-02-29T12:30:00+02:00", datetime(2024, 2, 29, 10, 30, tzinfo=UTC)),
        ("2024-02-29T12:30:00Z", datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
    ],
)
def test_times_are_utc(tmp_path: Path, moment: str, expected: datetime) -> None:
    data = load(tmp_path, data__start=moment).data
    assert data.start == expected
    assert data.start_ns == int(expected.timestamp()) * 1_000_000_000
    assert load(tmp_path, f"data: {{start: {moment}}}").data.start == expected
    assert data.end_ns is None


def test_a_configuration_is_frozen_and_survives_json(tmp_path: Path) -> None:
    config = load(tmp_path, limits=("position_pct=off",), costs__fee_bps="0.1", data__end="2024-01-01")
    assert RunConfig.from_json(config.to_json()) == config
    with pytest.raises(ValidationError, match="frozen"):
        config.seed = 1


def test_sizers_are_chosen_by_option_file_and_environment(tmp_path: Path) -> None:
    assert load(tmp_path).sizing.sizers == ("fixed",)
    text = "sizing:\n  sizers: [atr_risk, equal]\n  settings: {atr_risk_pct: 0.5}\n"
    chosen = load(tmp_path, text).sizing
    assert chosen.sizers == ("atr_risk", "equal")
    assert chosen.settings == {"atr_risk_pct": "0.5"}
    assert load(tmp_path, text, sizing__sizers="kelly, fixed").sizing.sizers == ("kelly", "fixed")
    named = {"QUAESTOR_SIZING__SIZERS": "equal", "QUAESTOR_SIZING__SETTINGS__EQUAL_POSITIONS": "3"}
    assert load(tmp_path, text, environment=named).sizing.settings == {"atr_risk_pct": "0.5", "equal_positions": "3"}
    assert load(tmp_path, text, sizing=("atr_risk_pct=2",)).sizing.settings == {"atr_risk_pct": "2"}
    config = load(tmp_path, text)
    assert RunConfig.from_json(config.to_json()) == config


MISTAKES: list[tuple[str, dict[str, object], str]] = [
    ("", {"costs__fee_bps": "abc"}, "--fee-bps: 'abc' is not allowed here — give basis points"),
    ("", {"costs__slippage_bps": "-1"}, "--slippage-bps: '-1' is not allowed"),
    ("", {"costs__slippage_bps": "nan"}, "--slippage-bps: 'nan' is not allowed"),
    ("", {"costs__volume_cap": "0"}, "--volume-cap: '0' is not allowed here — give a share"),
    ("", {"account__capital": "0"}, "--capital: '0' is not allowed"),
    ("", {"account__capital": "NaN"}, "--capital: 'NaN' is not allowed"),
    ("", {"account__size": "inf"}, "--size: 'inf' is not allowed"),
    ("seed: true", {}, "run.yaml: seed: 'True' is not allowed"),
    ("costs: {slippage_bps: off}", {}, "run.yaml: costs.slippage_bps: 'False' is not allowed"),
    ("", {"seed": "-1"}, "--seed: '-1' is not allowed"),
    ("", {"data__timeframe": "1x"}, "--timeframe: '1x' is not allowed here — give a number and s, m, h, d or w"),
    ("", {"data__start": "yesterday"}, "--from: 'yesterday' is not allowed here — give a date"),
    ("", {"data__market": "futures"}, "--market: 'futures' is not allowed here — give spot, perp"),
    ("", {"risk__profile": "wild"}, "--risk: 'wild' is not allowed here — give default, conservative or permissive"),
    ("", {"regime": "volatility"}, "--regime: unknown regime filter 'volatility' — did you mean volatility_trend?"),
    ("", {"execution": "twap"}, "--execution: unknown execution algorithm 'twap' — known: market, passive"),
    ("", {"strategy__name": "ema_cros"}, "--strategy: unknown strategy 'ema_cros' — did you mean ema_cross?"),
    ("", {"sizing__sizers": "atr_rsk"}, "--sizer: unknown sizer 'atr_rsk' — did you mean atr_risk"),
    ("", {"sizing__sizers": "fixed,kely"}, "--sizer: unknown sizer 'kely' — did you mean kelly"),
    ("sizing: {sizers: []}", {}, "run.yaml: sizing.sizers: '[]' is not allowed here — give names of sizers"),
    ("sizing: {sizers: 5}", {}, "run.yaml: sizing.sizers: '5' is not allowed here — give names of sizers"),
    ("", {"sizing": ("kely_z=1",)}, "--sizing kely_z: unknown parameter 'kely_z' — did you mean kelly_z"),
    ("", {"sizing": ("kelly_z=-1",)}, "--sizing kelly_z: kelly_z = -1.0 is not allowed"),
    ("sizing: {settings: {atr_risk_pct: much}}", {}, "run.yaml: sizing.settings.atr_risk_pct: atr_risk_pct = much"),
    ("sizing: {size: 1}", {}, "run.yaml: sizing.size: unknown setting 'size'"),
    ("", {"strategy__hold_bars_min": "1.5"}, "--hold-bars-min: '1.5' is not allowed here — give a whole number"),
    ("", {"strategy__confidence_min": "2"}, "--confidence-min: '2' is not allowed here — give a confidence"),
    ("", {"settings": ("fsat=3",)}, "--set fsat: unknown parameter 'fsat' — did you mean fast"),
    ("", {"settings": ("fast=0",)}, "--set fast: "),
    ("", {"settings": ("fast=50", "slow=10")}, "--set fast: fast = 50 must be shorter than slow = 10"),
    ("strategy: {settings: {fast: 2.5}}", {}, "run.yaml: strategy.settings.fast: "),
    ("", {"settings": ("fast",)}, "--set fast: is no assignment — write --set NAME=VALUE"),
    ("", {"settings": ("fast=1", "fast=2")}, "--set fast=2: 'fast' is given twice"),
    ("", {"limits": ("posi_pct=1",)}, "--limit posi_pct: unknown limit 'posi_pct' — did you mean position_pct"),
    ("", {"limits": ("position_pct=-1",)}, "--limit position_pct: '-1' is not allowed"),
    ("", {"limits": ("position_pct=nan",)}, "--limit position_pct: 'nan' is not allowed"),
    ("", {"required": ("data.path",)}, "--data: is missing — give --data, or data.path"),
    ("costs: {fee_bp: 1}", {}, "run.yaml: costs.fee_bp: unknown setting 'fee_bp' — did you mean fee_bps?"),
    ("cost: {fee_bps: 1}", {}, "run.yaml: cost: unknown setting 'cost' — did you mean costs?"),
    ("costs: 5", {}, "run.yaml: costs: '5' is no table of settings"),
    ("strategy: {settings: 5}", {}, "run.yaml: strategy.settings: '5' is no table of settings"),
    ("strategy: {settings: {fast: [1]}}", {}, "run.yaml: strategy.settings.fast: "),
    ("risk: {overrides: {position: 1}}", {}, "run.yaml: risk.overrides.position: unknown limit 'position'"),
    ("profiles: 5", {}, "run.yaml: profiles: is no table"),
    ("- a\n- b", {}, "run.yaml: is no table of settings"),
    ("seed: 1\nseed: 2", {}, "run.yaml line 2: is no YAML: 'seed' is given twice"),
    ("a: [", {}, "run.yaml line 1: is no YAML"),
    ("x = ", {"suffix": ".toml"}, "run.toml: is no TOML"),
    ("{}", {"suffix": ".json"}, "'.json' is no configuration format"),
    ("", {"dotenv": "QUAESTOR_COST__FEE_BPS=1"}, ".env QUAESTOR_COST__FEE_BPS: unknown setting 'cost'"),
    ("", {"dotenv": "QUAESTOR_SED=1"}, ".env QUAESTOR_SED: unknown setting — did you mean QUAESTOR_SEED?"),
    ("", {"dotenv": "STOP_LOS_PCT=1"}, ".env STOP_LOS_PCT: unknown setting — did you mean STOP_LOSS_PCT?"),
    ("", {"environment": {"QUAESTOR_DATA__SYMBL": "X"}}, "environment QUAESTOR_DATA__SYMBL: unknown setting 'symbl'"),
    ("", {"environment": {"MAX_OPEN_TRADES": "x"}}, "environment MAX_OPEN_TRADES: 'x' is not allowed"),
    ("", {"data__start": "2024-02-01", "data__end": "2024-01-01"}, "--to: .* is not after the start"),
    ("data: {market: spot, funding: f.csv}", {}, "run.yaml: data.funding: a spot market has no funding"),
    ("journal: {level: slim}", {}, "run.yaml: journal.level: no journal is written"),
    ("strategy: {name: 'ema_cross,brekout'}", {}, "unknown strategy 'brekout' — did you mean breakout?"),
    (
        "strategy: {name: 'ema_cross,breakout'}",
        {"settings": ("fast=5",)},
        "--set fast: 'fast' names none of the strategies ema_cross, breakout — write ema_cross.fast",
    ),
    ("strategy: {name: 'ema_cross,breakout'}", {"settings": ("breakout.entri=5",)}, "--set breakout.entri"),
    ("strategy: {shares: '0.5,x'}", {}, "run.yaml: strategy.shares: 'x' is not allowed here"),
    ("allocation: {method: hpr}", {}, "run.yaml: allocation.method: 'hpr' is not allowed here"),
]


@pytest.mark.parametrize(("text", "arguments", "message"), MISTAKES, ids=[mistake[2][:40] for mistake in MISTAKES])
def test_a_mistake_is_reported_with_place_and_remedy(
    tmp_path: Path, text: str, arguments: dict[str, object], message: str
) -> None:
    pattern = message if ".*" in message else re.escape(message)
    with pytest.raises(ConfigError, match=pattern):
        load(tmp_path, text, **arguments)  # type: ignore[arg-type]


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(
            tmp_path,
            "costs: {fee_bp: 1, slippage_bps: x}\nregim: none\n",
            dotenv="QUAESTOR_SEED=one",
            environment={"MAX_POSITION_SIZE": "much"},
            settings=("fast",),
            limits=("nothing=1",),
            required=("data.path",),
            account__capital="-5",
        )
    message = str(caught.value)
    assert message.startswith("configuration: 9 settings are wrong:")
    for part in ("fee_bp", "slippage_bps", "regim", "QUAESTOR_SEED", "MAX_POSITION_SIZE", "--set fast", "nothing"):
        assert part in message
    assert "--data" in message
    assert "--capital" in message


def test_a_file_that_is_absent_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_config(file=tmp_path / "absent.yaml", environment={}, dotenv=None)
    (tmp_path / "latin.yaml").write_bytes(b"a: \xff")
    with pytest.raises(ConfigError, match="is no UTF-8 text"):
        load_config(file=tmp_path / "latin.yaml", environment={}, dotenv=None)


def test_variables_of_other_programs_are_ignored(tmp_path: Path) -> None:
    others = {"QUAESTOR_CACHE_DIR": "/tmp/x", "PATH": "/bin", "STOP_LOS_PCT": "1", "API_KEY": "s"}
    assert load(tmp_path, environment=others, dotenv="API_KEY=s\nMAX_WORKERS=4") == RunConfig()


@pytest.mark.parametrize("profile", [None, "trial", "standard"])
def test_the_shipped_production_file_is_valid(profile: str | None) -> None:
    config = load_config(file=ROOT / "config/production.yaml", profile=profile, environment={}, dotenv=None)
    assert config.regime == "volatility_trend"
    assert config.risk.profile == ("default" if profile == "standard" else "conservative")


def test_every_line_of_the_shipped_example_can_be_uncommented(tmp_path: Path) -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    active = [line[2:] for line in lines if re.fullmatch(r"# [A-Z_]+=\S+", line)]
    assert len(active) >= 10
    config = load(tmp_path, dotenv="\n".join(active))
    assert config.strategy.settings == {"fast": "50", "slow": "200"}
    assert config.risk.overrides["position_pct"] == 1.0
