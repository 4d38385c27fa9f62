"""Whether a call waits: how often it made Dask compute, and whether what it gives is still to be computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import dask
from dask.callbacks import Callback


class Laziness(NamedTuple):
    """How often Dask computed, on this process's own threads, and whether the result still waits for it."""

    computed: int
    waits: bool


def of(call: Callable[[], Any]) -> Laziness:
    """What Dask does while a call runs; of several results, the first is looked at."""
    computed: list[Any] = []
    with Callback(start=computed.append):
        result = call()
    return Laziness(len(computed), dask.is_dask_collection(result[0] if isinstance(result, tuple) else result))
