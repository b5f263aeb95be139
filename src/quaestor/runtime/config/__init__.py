"""Configuration of a run: typed settings from several layers, with every mistake reported at once."""

from quaestor.runtime.config.load import OPTIONS, describe, load_config
from quaestor.runtime.config.model import (
    AccountConfig,
    AllocationConfig,
    CostsConfig,
    DataConfig,
    JournalConfig,
    RiskConfig,
    RunConfig,
    SizingConfig,
    StrategyConfig,
)

__all__ = [
    "OPTIONS",
    "AccountConfig",
    "AllocationConfig",
    "CostsConfig",
    "DataConfig",
    "JournalConfig",
    "RiskConfig",
    "RunConfig",
    "SizingConfig",
    "StrategyConfig",
    "describe",
    "load_config",
]
