"""Every data set that a talk may open, by name: what it is, whose it is, and how it is read.

`open` gives a labelled array that is read lazily, with CF names and units. Whatever a cell reads, it reads through here. A visit
may put data of its own in the place of a sample: the environment variable CATALOGUE_OVERLAY says which, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import iris
import pandas as pd
import xarray as xr

from examples import iris_bridge, overlay
from examples.overlay import Needs
from examples.samples import SAMPLES, MissingData, Sample, named


@dataclass(frozen=True, kw_only=True)
class DataSet(Sample):
    """A sample that a visit may replace by data of its own: the function that reads its files, and what theirs need to be."""

    read: Callable[[Sequence[Path]], xr.DataArray]
    needs: Needs


def open(name: str) -> xr.DataArray:  # noqa: A001  opening is what a catalogue does
    """Open a data set by its name, or the visit's own data in its place; fields are read from their files when they are needed.

    Returns:
        An array with CF names: `time`, and where it has them `latitude`, `longitude` and `realization`; `units` in its attributes.

    Raises:
        KeyError: there is no such data set; the message names those that there are.
        MissingData: its package is not installed, a file is not what it should be, or the visit's own data cannot stand in.
    """
    theirs = _theirs(name)
    return sample(name) if theirs is None else overlay.read(theirs, _entry(name).needs, _pp)


def is_sample(name: str) -> bool:
    """Whether `open` gives the project's own sample, and not the visit's data."""
    return _theirs(name) is None


def source(name: str) -> str:
    """Whose data `open` gives: what stands under a figure. Made-up data say so."""
    theirs = _theirs(name)
    if theirs is None:
        return _entry(name).figure
    return f"{theirs['source']} (synthetic)" if theirs.get("synthetic") else theirs["source"]


def sample(name: str) -> xr.DataArray:
    """Open the project's own sample, whatever the visit puts in its place; else as `open`."""
    array = _entry(name).read(sample_paths(name))
    # It names a variable of the file that an array cannot carry.
    array.attrs.pop("grid_mapping", None)
    return array


def paths(name: str) -> list[Path]:
    """The files that `open` reads, in order; none where the visit's data are at an address."""
    theirs = _theirs(name)
    if theirs is None:
        return sample_paths(name)
    return overlay.files_of(theirs["path"]) if theirs.get("path") else []


def sample_paths(name: str) -> list[Path]:
    """The files of a sample, in order, whatever the visit puts in its place; else as `samples.paths`."""
    return _entry(name).paths(name)


def table() -> pd.DataFrame:
    """Every data set with its title, origin, grid, time span, licence and credit: one row each, by name."""
    entries = {**CATALOGUE, **SAMPLES}
    rows = {name: [e.title, e.origin, e.grid, e.span, e.licence, e.credit, e.package] for name, e in entries.items()}
    columns = ["title", "origin", "grid", "time span", "licence", "credit", "package"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("name")


def needs() -> pd.DataFrame:
    """What data have to be to stand in for each data set: one row each, by name."""
    rows = {}
    for name, needed in ((name, entry.needs) for name, entry in CATALOGUE.items()):
        south, north, west, east = needed.covers or (None,) * 4
        region = f"{south:g} to {north:g}° N, {west:g} to {east:g}° E" if needed.covers else ""
        times = f"{needed.least} {'months' if needed.monthly else 'times'}"
        rows[name] = [", ".join(needed.names), needed.units, ", ".join(needed.dims), times, region]
    columns = ["standard name, one of", "units, or convertible", "dimensions", "at least", "has to cover"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("name")


def faults() -> list[dict[str, str]]:
    """What is wrong with the visit's data: the name of each data set that cannot be opened, and why."""
    found = []
    for name, theirs in _overlay().items():
        try:
            overlay.read(theirs, _entry(name).needs, _pp)
        except (KeyError, MissingData) as error:
            found.append({"name": name, "fault": str(error.args[0])})
    return found


def _overlay() -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = json.loads(os.environ.get("CATALOGUE_OVERLAY") or "{}")
    return told


def _theirs(name: str) -> dict[str, Any] | None:
    """What the visit puts in the place of a data set. The build runs a page again when what it asked for here has changed."""
    sys.audit("visit.read", f"data.{name}")
    return _overlay().get(name)


def _entry(name: str) -> DataSet:
    return named(CATALOGUE, name)


def _netcdf(variable: str) -> Callable[[Sequence[Path]], xr.DataArray]:
    def read(files: Sequence[Path]) -> xr.DataArray:
        (file,) = files
        return xr.open_dataset(file, chunks="auto")[variable].reset_coords(drop=True)

    return read


def _pp(files: Sequence[Path]) -> xr.DataArray:
    """One cube out of PP files, through Iris, as a labelled array that is read lazily."""
    cube = iris.load_cube([str(file) for file in files])
    array = iris_bridge.to_xarray(cube)[cube.var_name or cube.name()]
    return array.assign_coords({name: coordinate.load() for name, coordinate in array.coords.items()})


def _ensemble(files: Sequence[Path]) -> xr.DataArray:
    """One member a file; its number is in the file's name, and nowhere in the file."""
    members = [int(file.stem.rsplit("_", 1)[1]) for file in files]
    arrays = [_pp([file]).assign_coords(realization=member) for file, member in zip(files, members, strict=True)]
    own = ["forecast_reference_time", "forecast_period"]  # the members start on different days
    joined = xr.concat(arrays, dim="realization", coords=own, compat="override", combine_attrs="drop_conflicts")
    joined["realization"].attrs = {"standard_name": "realization", "units": "1"}
    return joined


def _nino12(files: Sequence[Path]) -> xr.DataArray:
    """A table of years by months, as one series; each month is dated on its first day."""
    (file,) = files
    with file.open() as text:
        years = pd.read_csv(text, index_col="YEAR")
    months = pd.date_range(f"{years.index[0]}-01", periods=years.size, freq="MS")
    attributes = {
        "standard_name": "sea_surface_temperature",
        "long_name": "sea surface temperature, Niño 1+2",
        "units": "degC",
    }
    return xr.DataArray(years.to_numpy(float).ravel(), {"time": months}, ["time"], "sea_surface_temperature", attributes)


def _soi(files: Sequence[Path]) -> xr.DataArray:
    array = _netcdf("SOI_Darwin")(files)
    return array.assign_attrs(long_name="Southern Oscillation Index, Darwin", units="1")


SEA_SURFACE = (
    "sea_surface_temperature",
    "surface_temperature",
    "sea_surface_foundation_temperature",
    "sea_surface_skin_temperature",
    "sea_surface_subskin_temperature",
)
NINO34 = (-5.0, 5.0, -170.0, -120.0)

_OGL = "Open Government Licence (UK)"
_CROWN = "© British Crown copyright 2018, Met Office"
_IRIS = {"package": "iris-sample-data", "home": "iris_sample_data"}

CATALOGUE: dict[str, DataSet] = {
    "glosea4": DataSet(
        title="GloSea4 seasonal ensemble: surface temperature, 13 members",
        origin="Met Office Unified Model 7.6, forecast of July 2011",
        licence=_OGL,
        credit=_CROWN,
        grid="global, 1.25° by 1.875°, 145 by 192",
        span="6 months, August 2011 to January 2012",
        pattern="sample_data/GloSea4/ensemble_*.pp",
        read=_ensemble,
        **_IRIS,
        figure="GloSea4, Met Office, via iris-sample-data",
        needs=Needs(
            ("surface_temperature", "air_temperature"), "K", ("realization", "time", "latitude", "longitude"), 3, True, NINO34
        ),
    ),
    "ostia": DataSet(
        title="OSTIA: sea surface temperature along the equator",
        origin="Met Office OSTIA analysis, monthly means",
        licence=_OGL,
        credit=_CROWN,
        grid="5°S to 4.4°N, all longitudes, 18 by 432",
        span="54 months, April 2006 to September 2010",
        pattern="sample_data/ostia_monthly.nc",
        read=_netcdf("surface_temperature"),
        **_IRIS,
        figure="OSTIA, Met Office, via iris-sample-data",
        needs=Needs(SEA_SURFACE, "K", least=24, monthly=True, covers=NINO34),
    ),
    "soi-darwin": DataSet(
        title="Southern Oscillation Index at Darwin",
        origin="NCAR, after Trenberth (1984), Mon. Wea. Rev. 112, 326-332",
        licence=_OGL,
        credit="NCAR Climate Analysis Section; published with the Met Office's samples",
        grid="one station",
        span="1776 months, 1866 to 2013",
        pattern="sample_data/SOI_Darwin.nc",
        read=_soi,
        **_IRIS,
        figure="NCAR (Trenberth, 1984), Darwin, via iris-sample-data",
        needs=Needs((), "1", ("time",), 240, True),
    ),
    "nino12": DataSet(
        title="Niño 1+2: sea surface temperature off Peru and Ecuador",
        origin="NOAA ERSST v3b",
        licence="public domain",
        credit="NOAA National Weather Service",
        grid="mean over 0° to 10°S, 90° to 80°W",
        span="732 months, 1950 to 2010",
        package="statsmodels",
        home="statsmodels",
        pattern="datasets/elnino/elnino.csv",
        read=_nino12,
        figure="NOAA ERSST v3b, via statsmodels",
        needs=Needs(SEA_SURFACE, "degC", ("time",), 240, True),
    ),
    "a1b": DataSet(
        title="Scenario A1B: annual mean air temperature at 1.5 m, North America",
        origin="Met Office Unified Model, SRES A1B",
        licence=_OGL,
        credit=_CROWN,
        grid="15° to 60°N, 225° to 315°E, 37 by 49",
        span="240 years of 360 days, 1860 to 2099",
        pattern="sample_data/A1B_north_america.nc",
        read=_netcdf("air_temperature"),
        **_IRIS,
        figure="Met Office Unified Model 6.05, via iris-sample-data",
        needs=Needs(("air_temperature",), "K", least=60),
    ),
    "e1": DataSet(
        title="Scenario E1: annual mean air temperature at 1.5 m, North America",
        origin="Met Office Unified Model, ENSEMBLES E1 (mitigation)",
        licence=_OGL,
        credit=_CROWN,
        grid="15° to 60°N, 225° to 315°E, 37 by 49",
        span="240 years of 360 days, 1860 to 2099",
        pattern="sample_data/E1_north_america.nc",
        read=_netcdf("air_temperature"),
        **_IRIS,
        figure="Met Office Unified Model 6.05, via iris-sample-data",
        needs=Needs(("air_temperature",), "K", least=60),
    ),
    "sea-ice-velocity": DataSet(
        title="Northward velocity of sea ice, one file a month",
        origin="Met Office Unified Model 6.6",
        licence=_OGL,
        credit=_CROWN,
        grid="global, 0.34° to 1° by 1°, 215 by 360",
        span="120 months of 30 days, 1890 to 1899",
        pattern="sample_data/UM/northward_sea_ice_velocity.*.pp",
        read=_pp,
        **_IRIS,
        figure="Met Office Unified Model 6.6, via iris-sample-data",
        needs=Needs(
            ("northward_sea_ice_velocity", "sea_ice_y_velocity"), "m s-1", least=24, monthly=True, covers=(78, 79, -20, -1)
        ),
    ),
}


if __name__ == "__main__":
    print(json.dumps(faults()))
