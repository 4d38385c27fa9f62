"""Hot spells as they should be: `spells` with the seeded defect fixed. Whatever the chunks, the days are the same."""

from __future__ import annotations

import xarray as xr

from examples.lab.spells import in_spell


def spell_days(temperature: xr.DataArray, threshold: float, days: int = 3) -> xr.DataArray:
    """Whether each day belongs to a hot spell: at least so many days in a row at or above a threshold.

    A day is in a spell if one of the windows of that many days around it is hot throughout. So a chunk has to see one day less
    than a spell has, on either side, and no more.

    Args:
        temperature: daily maximum, with a dimension `time` without gaps, lazy or in memory; a missing value is not hot.
        threshold: in the unit of the temperature.
        days: the shortest spell that counts, at least 1.

    Returns:
        Boolean, time first, lazy if the temperature is; `.sum("time")` counts the days. Chunks of time that are shorter than
        what a chunk has to see are joined.

    Raises:
        ValueError: the shortest spell has less than a day.
    """
    if days < 1:
        raise ValueError(f"a spell has at least one day, not {days}")
    hot = (temperature >= threshold).drop_attrs(deep=False).transpose("time", ...)
    if hot.chunks is None:
        return hot.copy(data=in_spell(hot.values, days))
    depth = {0: min(days - 1, hot.sizes["time"])}
    return hot.copy(data=hot.data.map_overlap(in_spell, depth, boundary="none", days=days, dtype=bool))
