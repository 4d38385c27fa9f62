"""A storm in a sequence of weather maps: its lows, the tracks that they make, and whether one deepens like a bomb."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from cartopy.crs import RotatedPole
from pyproj import Geod

from examples import maps, samples

SPHERE = Geod(ellps="sphere")
INSTALLED = Path("/var/lib/dpkg/status")
"""Which packages a Debian has."""

NAMES = {
    "p": ("air_pressure_at_mean_sea_level", "Pa"),
    "t": ("air_temperature", "K"),
    "u": ("eastward_wind", "m s-1"),
    "v": ("northward_wind", "m s-1"),
}
"""CF names and units of the storm's variables: its files state neither. The values are those of air near the ground."""


def sample() -> str:
    """Which sample there is: the storm's, where Debian's package is installed, else one analysis of pressure that pip brings."""
    try:
        samples.paths("storm")
    except samples.MissingData:
        if INSTALLED.exists():
            # The build runs a page again when a file that it read has changed, and so when the package is there.
            INSTALLED.read_bytes()
        return "one-analysis"
    return "storm"


def fields(name: str) -> xr.Dataset:
    """The fields of a sample: ``storm``, with pressure, temperature and wind, or ``one-analysis``, with pressure only.

    Returns:
        CF names; two dimensions of space after `time`, and on them `latitude` and `longitude` in degrees. What the files mark as
        unknown is missing.

    Raises:
        MissingData: a file is not there, or not what it should be.
    """
    files = samples.paths(name)
    return _storm(files) if name == "storm" else _analysis(files[0])


def _storm(files: list[Path]) -> xr.Dataset:
    """A file a variable; the times are hours after one that is written as text."""
    raw = xr.merge([xr.open_dataset(file, decode_times=False) for file in files], join="exact", compat="equals")
    start = datetime.strptime(raw["reftime"].item().decode(), "%Y %m %d %H:%M")
    raw = raw.drop_vars("reftime").rename(timestep="time", lat="latitude", lon="longitude")
    named = {name: raw[old].assign_attrs(units=unit) for old, (name, unit) in NAMES.items()}
    return xr.Dataset(named).assign_coords(time=pd.Timestamp(start) + pd.to_timedelta(raw["time"].to_numpy(), "h"))


def _analysis(file: Path) -> xr.Dataset:
    """One time, on a grid whose pole is turned; its latitudes and longitudes have two dimensions."""
    raw = xr.open_dataset(file)
    grid = raw["rotated_latitude_longitude"].attrs
    turned = RotatedPole(grid["grid_north_pole_longitude"], grid["grid_north_pole_latitude"])
    axes = ("grid_latitude", "grid_longitude")
    places = maps.PLATE.transform_points(turned, *np.meshgrid(raw[axes[1]], raw[axes[0]]))
    pressure = xr.DataArray(raw["air_pressure_at_sea_level"].to_numpy(), dims=axes, attrs={"units": "Pa"})
    pressure = pressure.assign_coords(longitude=(axes, places[..., 0]), latitude=(axes, places[..., 1]))
    return xr.Dataset({NAMES["p"][0]: pressure.expand_dims(time=[raw["time"].to_numpy()])})


def lows(pressure: xr.DataArray) -> xr.DataArray:
    """The lows of each map: points that none of the eight around them undercuts.

    Minima of a 3 by 3 neighbourhood, as in Blender, Fraedrich and Lunkeit (1997), Q. J. R. Meteorol. Soc. 123, 727-741. A point
    on the rim, or beside a missing one, is none: its surroundings are not known.

    Args:
        pressure: `time` and two dimensions of space, with the coordinates `latitude` and `longitude` in degrees.

    Returns:
        The pressure of each, on the dimension `low`, in order of time, with its `time`, `latitude` and `longitude`.
    """
    across, along = pressure.dims[-2:]
    least = pressure.rolling({across: 3, along: 3}, center=True).min()
    found = np.nonzero((pressure == least).to_numpy())
    return pressure.isel({dim: xr.DataArray(index, dims="low") for dim, index in zip(pressure.dims, found, strict=True)})


def tracks(centres: xr.DataArray, speed: float = 80.0) -> list[xr.DataArray]:
    """Lows linked into tracks: from one map to the next, the two that are nearest belong together, then the next nearest.

    A search for the nearest neighbour, after Blender et al. (1997).

    Args:
        centres: what `lows` gives.
        speed: what a low may at most cover, in km/h, along great circles; few are faster than the default.

    Returns:
        A pressure for each track, on the dimension `time`, with its `latitude` and `longitude`; a track may have one time only.
    """
    times = centres["time"].to_numpy()
    following: dict[int, int] = {}
    for before, after in pairwise(np.flatnonzero(times == time) for time in np.unique(times)):
        hours = pd.Timedelta(times[after[0]] - times[before[0]]).total_seconds() / 3600
        apart = distance(centres[before], centres[after])
        while apart.min() <= speed * hours:
            first, second = np.unravel_index(apart.argmin(), apart.shape)
            following[int(before[first])] = int(after[second])
            apart[first, :] = apart[:, second] = np.inf
    chains = [[start] for start in range(times.size) if start not in following.values()]
    for chain in chains:
        while chain[-1] in following:
            chain.append(following[chain[-1]])
    return [centres.isel(low=chain).swap_dims(low="time") for chain in chains]


def distance(here: xr.DataArray, there: xr.DataArray) -> np.ndarray:
    """The great-circle distances in km from each of some places to each of others; both have `latitude` and `longitude`."""
    pairs = (np.broadcast_arrays(here[axis].values[:, None], there[axis].values) for axis in ("longitude", "latitude"))
    (west, east), (south, north) = pairs
    metres: np.ndarray = SPHERE.inv(west, south, east, north)[2]
    return metres / 1000


def deepening(track: xr.DataArray) -> xr.Dataset:
    """How fast a low deepens in the 24 hours after each of its times.

    Args:
        track: pressure in Pa on `time`, with the coordinate `latitude`, as `tracks` gives it.

    Returns:
        On `time`: `fall` in Pa; `latitude`, the mean of both ends; and `bergerons`, the fall over that of a `bomb` there, which
        itself has one. Missing where the track has no time 24 hours on.

    Raises:
        ValueError: the pressure is not in Pa.
    """
    if track.attrs.get("units") != "Pa":
        raise ValueError(f"the pressure of a track has to be in Pa, not in {track.attrs.get('units')}")
    now = track.rename("pressure").reset_coords()
    later = now.reindex(time=now.indexes["time"] + timedelta(hours=24)).assign_coords(time=now["time"])
    latitude = (now["latitude"] + later["latitude"]) / 2
    fall = (now["pressure"] - later["pressure"]).assign_attrs(units="Pa")
    return xr.Dataset({"fall": fall, "latitude": latitude, "bergerons": fall / bomb(latitude)})


def bomb(latitude: xr.DataArray) -> xr.DataArray:
    """The fall of pressure in 24 hours, in Pa, from which on a low is called a bomb: 24 hPa at 60°, less towards the equator.

    24 hPa times sin(latitude) / sin(60°): Sanders and Gyakum (1980), Mon. Wea. Rev. 108, 1589-1606.
    """
    share: xr.DataArray = abs(np.sin(np.deg2rad(latitude))) / np.sin(np.deg2rad(60))
    return 2400 * share
