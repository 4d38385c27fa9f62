"""Hot spells, WITH A DEFECT SEEDED ON PURPOSE for guide/the-lab.md; the fixed version is `spells_fixed`.

The defect: on a chunked field, spells are looked for in each chunk alone. A spell that crosses the border of two chunks is
cut there, and a piece that is too short is lost. So the count of days depends on the chunks, and is never too high.
"""

from __future__ import annotations

import numpy as np
import xarray as xr


def in_spell(hot: np.ndarray, days: int) -> np.ndarray:
    """Whether each day belongs to a run of at least so many hot days.

    Args:
        hot: boolean, time first.
        days: the shortest run that counts, at least 1.

    Returns:
        Boolean, of the same shape.
    """
    starts = len(hot) - days + 1
    inside = np.zeros_like(hot)
    if starts > 0:
        whole = np.lib.stride_tricks.sliding_window_view(hot, days, axis=0).all(axis=-1)
        for day in range(days):
            inside[day : day + starts] |= whole
    return inside


def spell_days(temperature: xr.DataArray, threshold: float, days: int = 3) -> xr.DataArray:
    """Whether each day belongs to a hot spell: at least so many days in a row at or above a threshold.

    Args:
        temperature: daily maximum, with a dimension `time` without gaps, lazy or in memory; a missing value is not hot.
        threshold: in the unit of the temperature.
        days: the shortest spell that counts, at least 1.

    Returns:
        Boolean, time first, lazy if the temperature is; `.sum("time")` counts the days.

    Raises:
        ValueError: the shortest spell has less than a day.
    """
    if days < 1:
        raise ValueError(f"a spell has at least one day, not {days}")
    hot = (temperature >= threshold).drop_attrs(deep=False).transpose("time", ...)
    if hot.chunks is None:
        return hot.copy(data=in_spell(hot.values, days))
    return hot.copy(data=hot.data.map_blocks(in_spell, days, dtype=bool))
