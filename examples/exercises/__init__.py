"""Exercises for analysts: each check compares an answer with the same thing written out in NumPy, and names the slip it knows.

An answer is whatever stands in the exercise's blank, so that a check has to take anything. A check that passes says so.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

Values = npt.NDArray[np.floating[Any]]


class NotYet(AssertionError):  # noqa: N818  it reads as what it is
    """An answer that is not right yet; the message says why, as far as can be told."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows of it: the message alone, without the lines of the check."""
        return textwrap.wrap(f"Not yet: {self}", 66)


def no_blank(answer: object) -> None:
    """See that something stands in the place of the blank."""
    if answer is ...:
        raise NotYet("the blank is still there: put your line in its place")


def array(answer: object, dims: Sequence[object]) -> xr.DataArray:
    """An answer that is an array with these dimensions, brought into their order; else NotYet."""
    no_blank(answer)
    if not isinstance(answer, xr.DataArray):
        raise NotYet(f"this is a {type(answer).__name__}; an xarray.DataArray is wanted")
    if set(answer.dims) != set(dims):
        raise NotYet(f"its dimensions are {', '.join(map(str, answer.dims)) or 'none'}; wanted: {', '.join(map(str, dims))}")
    return answer.transpose(*dims)


def compare(answer: object, wanted: Values, dims: tuple[str, ...], slips: Mapping[str, Values], near: float) -> Values:
    """The values of an answer that is within `near` of what is wanted; else NotYet, with the slip if it is one that is known."""
    no_blank(answer)
    given = np.asarray(answer, dtype=float) if isinstance(answer, xr.DataArray | np.ndarray | float) else None
    for slip, values in slips.items():
        if given is not None and given.shape == values.shape and np.allclose(given, values, atol=near, rtol=0):
            raise NotYet(slip)
    found = array(answer, dims).to_numpy().astype(float)
    if found.shape != wanted.shape:
        raise NotYet(f"it has the shape {found.shape}, and {wanted.shape} is wanted")
    if not np.allclose(found, wanted, atol=near, rtol=0):
        raise NotYet(f"NumPy comes to something else, by up to {np.nanmax(np.abs(found - wanted)):.3g}")
    return found
