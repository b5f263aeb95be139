"""The extra ``train``, under the name that research knows it by."""

from quaestor.adapters.extras import load_extra

__all__ = ["load_extra"]
