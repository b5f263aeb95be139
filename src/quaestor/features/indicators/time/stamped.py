"""Timestamp features: shared declaration of features computed from a row's time stamp alone.

The stamp is the row's open time, which is known before the row closes.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.parameter import Parameter, always
from quaestor.features.feature import Feature

Stamps = NDArray[np.int64]

_NOTHING = np.dtype([("unused", "<i8")])


def timestamp_feature(
    name: str,
    advance: Callable[..., None],
    doc: str,
    units: str,
    source: str,
    outputs: tuple[str, ...] = (),
    parameters: tuple[Parameter, ...] = (),
    conflict: Callable[..., str] | None = None,
) -> Feature:
    """Return the declaration of a feature of the row's stamp alone, which has a value even where prices are missing.

    Args:
        name, advance, doc, units, source, parameters, conflict: as for `Feature`.
        outputs: the feature's name when left out.
    """
    return Feature(
        name=name,
        family="time",
        doc=f"{doc} Of the row's open time, UTC.",
        units=units,
        source=source,
        inputs=(),
        outputs=outputs or (name,),
        parameters=parameters,
        advance=advance,
        state_dtype=always(_NOTHING),
        warmup=always(0),
        conflict=conflict,
        timed=True,
    )
