"""Configuration: typed, layered, and refused as a whole with every mistake named."""

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
