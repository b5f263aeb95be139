"""Configuration: typed, layered, and refused as a whole with every mistake named."""

from quaestor.runtime.config.load import load_config
from quaestor.runtime.config.model import (
    AccountConfig,
    CostsConfig,
    DataConfig,
    JournalConfig,
    RiskConfig,
    RunConfig,
    StrategyConfig,
)

__all__ = [
    "AccountConfig",
    "CostsConfig",
    "DataConfig",
    "JournalConfig",
    "RiskConfig",
    "RunConfig",
    "StrategyConfig",
    "load_config",
]
