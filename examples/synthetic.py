"""A daily field as long as is wanted, made from OSTIA's months: synthetic, and named so wherever it is shown."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr

from examples import catalogue

DAYS = 30
"""Days in a chunk."""
FINER = 10
"""Into how many each row of the real grid is cut: 180 by 432 points, of which the land is missing."""


def daily(times: pd.DatetimeIndex | xr.CFTimeIndex, member: int = 0) -> xr.DataArray:
    """Sea surface temperature along the equator for each day: OSTIA's first 48 months round and round, and made-up weather.

    Between the middles of two months it is interpolated; the weather is a pattern of random numbers that is shifted from day to
    day. Values are rounded to 1/128 K, as a packed record would hold them: random digits would not compress. 1 GB is nine years.

    Args:
        times: any calendar, daily.
        member: of an ensemble; each has weather of its own.

    Returns:
        (time, latitude, longitude), lazy, in chunks of 30 days, single precision, K.
    """
    months = catalogue.sample("ostia")
    sst = months.values[:48]
    points = (sst.shape[1] * FINER, sst.shape[2])
    weather = np.random.default_rng(member).normal(0, 0.3, points).astype(sst.dtype)

    def block(day: np.ndarray) -> np.ndarray:
        place = day / 30.4375
        before, share = place.astype(int), (place % 1).astype(sst.dtype)[:, None, None]
        field = np.repeat((1 - share) * sst[before % 48] + share * sst[(before + 1) % 48], FINER, axis=1)
        for today, number in zip(field, day, strict=True):
            today += np.roll(weather, (37 * int(number), 101 * int(number)), (0, 1))
        return np.round(field * 128) / sst.dtype.type(128)

    days = da.arange(len(times), chunks=DAYS)
    made = days.map_blocks(block, new_axis=[1, 2], chunks=(days.chunks[0], *((size,) for size in points)), dtype=sst.dtype)
    coords = {
        "time": times,
        "latitude": ("latitude", np.linspace(-5, 4.4, points[0]), months.latitude.attrs),
        "longitude": ("longitude", months.longitude.values, months.longitude.attrs),
    }
    attributes = {"units": "K", "standard_name": "sea_surface_temperature", "comment": "synthetic, made from OSTIA"}
    return xr.DataArray(made, coords, ("time", "latitude", "longitude"), "sst", attributes)
