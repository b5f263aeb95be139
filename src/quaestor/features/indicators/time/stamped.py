"""What is known of a row from its stamp alone: the declaration that such features share.

The stamp is that of the row's opening, which is known long before the row closes.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.parameter import Parameter, always
from quaestor.features.feature import Feature

Stamps = NDArray[np.int64]

_NOTHING = np.dtype([("unused", "<i8")])


def stamped(
    name: str,
    advance: Callable[..., None],
    doc: str,
    units: str,
    source: str,
    outputs: tuple[str, ...] = (),
    parameters: tuple[Parameter, ...] = (),
    conflict: Callable[..., str] | None = None,
) -> Feature:
    """Declaration of a feature that depends on the row's stamp alone: a value at every row, whatever else is missing.

    Args:
        name, advance, doc, units, source, parameters, conflict: as for `Feature`.
        outputs: the name itself when left out.
    """
    return Feature(
        name=name,
        family="time",
        doc=f"{doc} Of the stamp of the row's opening, UTC.",
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
