"""Radiosonde ascents: read with names and units, and the energy of a rising parcel, for one ascent or lazily for many."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import metpy.calc as mpcalc
import numpy as np
import pandas as pd
import xarray as xr
from metpy.units import units
from numpy.typing import NDArray

COLUMNS = {
    "pressure": {"standard_name": "air_pressure", "units": "hPa"},
    "height": {"standard_name": "geopotential_height", "units": "m"},
    "temperature": {"standard_name": "air_temperature", "units": "degC"},
    "dew_point": {"standard_name": "dew_point_temperature", "units": "degC"},
    "wind_direction": {"standard_name": "wind_from_direction", "units": "degree"},
    "wind_speed": {"standard_name": "wind_speed", "units": "knot"},
}
CAPE = {"standard_name": "atmosphere_convective_available_potential_energy_wrt_surface", "units": "J kg-1"}
CIN = {
    "long_name": "convective inhibition of a parcel from the surface, negative",
    "units": "J kg-1",
}


def read(path: Path) -> xr.Dataset:
    """The ascents of one hour, from a table of that name (1999-05-04T00.csv) with a column `station` and those of `COLUMNS`.

    Returns:
        A variable for each column, dimensions `station` and `level` from the ground up, with CF names and units; missing above
        the top of an ascent. The coordinates are `station` and `time`.

    Raises:
        ValueError: the pressure of a station does not fall from level to level.
    """
    table = pd.read_csv(path, dtype={"station": str})
    rising = table["station"].where(table.groupby("station")["pressure"].diff() >= 0).dropna()
    if len(rising):
        raise ValueError(f"{path.name}: the pressure at {rising.iloc[0]} does not fall from level to level; sort its levels")
    table["level"] = table.groupby("station").cumcount()
    soundings = table.set_index(["station", "level"])[list(COLUMNS)].to_xarray().drop_vars("level")
    for name, attributes in COLUMNS.items():
        soundings[name].attrs = dict(attributes)
    soundings["station"].attrs = {"standard_name": "platform_id"}
    return soundings.assign_coords(time=pd.Timestamp(path.stem).to_datetime64())


def ascent(soundings: xr.Dataset, station: str) -> xr.Dataset:
    """One ascent, without the levels above its top.

    Raises:
        KeyError: no such station; the message names one that is near in spelling, or all.
    """
    known = soundings["station"].values.tolist()
    if station not in known:
        near = difflib.get_close_matches(station, known, n=1) or known
        raise KeyError(f"there is no ascent from {station!r}; there is {', '.join(near)}")
    return soundings.sel(station=station).dropna("level", subset=["pressure", "temperature", "dew_point"])


def cape_cin(soundings: xr.Dataset) -> xr.Dataset:
    """The convective energy and inhibition of a parcel from the lowest level, for each ascent, by MetPy's `surface_based_cape_cin`.

    MetPy takes one ascent at a time and no Dask array, so each block is handed to it ascent by ascent when it is computed.

    Args:
        soundings: `pressure`, `temperature` and `dew_point` with `units`, any shape with a dimension `level`, from the ground up.

    Returns:
        `cape` and `cin` in J kg-1, the shape without `level`, lazy if the soundings are; missing where fewer than two levels
        are known.

    Raises:
        pint.DimensionalityError: a variable's unit is not one of pressure or temperature.
    """
    wanted = {"pressure": "hPa", "temperature": "degC", "dew_point": "degC"}
    columns = [soundings[name].metpy.convert_units(unit).metpy.dequantify() for name, unit in wanted.items()]
    cape, cin = xr.apply_ufunc(
        _surface_based,
        *columns,
        input_core_dims=[["level"]] * 3,
        output_core_dims=[[], []],
        vectorize=True,
        dask="parallelized",
        output_dtypes=[float, float],
    )
    return xr.Dataset({"cape": cape.assign_attrs(CAPE), "cin": cin.assign_attrs(CIN)})


def _surface_based(pressure: NDArray[Any], temperature: NDArray[Any], dew_point: NDArray[Any]) -> tuple[float, float]:
    known = np.isfinite(pressure) & np.isfinite(temperature) & np.isfinite(dew_point)
    if known.sum() < 2:
        return np.nan, np.nan
    levels = pressure[known] * units.hPa, units.Quantity(temperature[known], "degC"), units.Quantity(dew_point[known], "degC")
    cape, cin = mpcalc.surface_based_cape_cin(*levels)
    return cape.m_as("J/kg"), cin.m_as("J/kg")


def cape_by_hand(ascent: xr.Dataset, step: float = 1e-3) -> float:
    """The convective energy of a parcel from the lowest level, in J kg-1, by NumPy alone: every warm layer counts.

    The parcel rises dry to its condensation level (Bolton, 1980, Mon. Wea. Rev. 108, 1046-1053, equations 10 and 15), then
    along a pseudoadiabat (AMS Glossary of Meteorology), by the midpoint rule in the logarithm of pressure. From there on, its
    virtual temperature less that of the air is summed (Doswell and Rasmussen, 1994, Wea. Forecasting 9, 625-629).

    Args:
        ascent: `pressure` in hPa, `temperature` and `dew_point` in degC, one dimension, from the ground up, none missing.
        step: of the logarithm of pressure.
    """
    gas, heat, latent, ratio = 287.05, 1004.7, 2.501e6, 0.622

    def mixing(pressure: Any, dew_point: Any) -> Any:
        vapour = 6.112 * np.exp(17.67 * (dew_point - 273.15) / (dew_point - 29.65))
        return ratio * vapour / (pressure - vapour)

    def virtual(temperature: Any, mixed: Any) -> Any:
        return temperature * (1 + mixed / ratio) / (1 + mixed)

    height = -np.log(ascent["pressure"].to_numpy())
    air, dew = (ascent[name].to_numpy() + 273.15 for name in ("temperature", "dew_point"))
    condensed = 56 + 1 / (1 / (dew[0] - 56) + np.log(air[0] / dew[0]) / 800)
    base = height[0] + heat / gas * np.log(air[0] / condensed)

    def cooling(at: float, temperature: float) -> float:
        vapour = mixing(np.exp(-at), temperature)
        return float((gas * temperature + latent * vapour) / (heat + latent**2 * vapour * ratio / (gas * temperature**2)))

    levels, parcel = np.arange(base, height[-1], step), [float(condensed)]
    for at in levels[:-1]:
        half = parcel[-1] - step / 2 * cooling(at, parcel[-1])
        parcel.append(parcel[-1] - step * cooling(at + step / 2, half))
    pressure, path = np.exp(-levels), np.array(parcel[: levels.size])
    around = virtual(np.interp(levels, height, air), mixing(pressure, np.interp(levels, height, dew)))
    return float(gas * step * np.clip(virtual(path, mixing(pressure, path)) - around, 0, None).sum())
