"""Many climate models side by side: their calendars and grids lined up, one vote each, and how far they agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

MASKED = 1e10
"""What is larger is no temperature, but a fill value that its file does not declare."""


def runs(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """The files of each run, in order, by all of their name but its time range.

    The names are those of CMIP6, ``variable_table_model_experiment_member_grid_range.nc``: Taylor, K. E. et al. (2018),
    CMIP6 Global Attributes, DRS, Filenames, Directory Structure, and CV's, version 6.2.7.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted(paths, key=lambda path: path.name):
        found.setdefault(path.stem.rpartition("_")[0], []).append(path)
    return found


def open_run(files: Sequence[Path]) -> xr.DataArray:
    """One run of a model as one array, read when it is needed: as it is in its files, but for values that are none.

    Args:
        files: the files of one run, in the order of their times.

    Returns:
        (time, plev, lat, lon), with times in the model's own calendar, the scalars `model` and `institution`, and the `cell_area`
        of each point. What exceeds MASKED is missing.

    Raises:
        ValueError: the files are not on one grid.
    """
    name = files[0].name.partition("_")[0]
    own = xr.coders.CFDatetimeCoder(use_cftime=True)
    parts = [xr.open_dataset(file, chunks={}, decode_times=own, drop_variables=["time_bnds", "plev_bnds"]) for file in files]
    # The points are compared, and with them their cells: the edges are the first file's.
    same = xr.concat(parts, "time", data_vars=[name], coords="minimal", compat="override", join="exact", combine_attrs="override")
    labels = {"model": same.attrs["source_id"], "institution": same.attrs["institution_id"], "cell_area": cell_area(same)}
    field = same[name].assign_coords(labels)
    return field.where(field < MASKED)


def cell_area(grid: xr.Dataset) -> xr.DataArray:
    """The area of each cell of a grid, as a share of the sphere: (lat, lon).

    From the edges in `lat_bnds` and `lon_bnds`, in degrees; where there are none, from those half-way between the points. No cell
    goes beyond a pole, though some files have it so.
    """
    south, north = np.sin(np.deg2rad(_edges(grid, "lat").clip(-90, 90))).T
    west, east = _edges(grid, "lon").T
    area = np.outer(np.abs(north - south), np.abs(east - west)) / 720
    coords = {"lat": grid["lat"], "lon": grid["lon"]}
    return xr.DataArray(area, coords, ["lat", "lon"], attrs={"standard_name": "cell_area", "units": "1"})


def _edges(grid: xr.Dataset, axis: str) -> np.ndarray:
    """The lower and the upper edge of each cell along an axis, degrees."""
    if f"{axis}_bnds" in grid:
        return grid[f"{axis}_bnds"].transpose(axis, ...).to_numpy().astype(float)
    points = grid[axis].to_numpy().astype(float)
    half = np.diff(points) / 2 if points.size > 1 else np.array([0.5])
    middles = points[:-1] + half[: points.size - 1]
    edges = np.concatenate([points[:1] - half[:1], middles, points[-1:] + half[-1:]])
    return np.column_stack([edges[:-1], edges[1:]])


def monthly(field: xr.DataArray) -> xr.DataArray:
    """The same field on an axis that all calendars share: the first of each month. How long each month was stays, as `days`.

    Args:
        field: any shape with a dimension `time`, monthly; any calendar.

    Raises:
        ValueError: the months do not follow one another; the message names the first that does not.
    """
    time = field["time"].dt
    months = time.strftime("%Y-%m").values
    wrong = np.flatnonzero(np.diff(12 * time.year + time.month) != 1)
    if wrong.size:
        raise ValueError(f"{months[wrong[0] + 1]} comes after {months[wrong[0]]}; give every month once, in order")
    axis = xr.date_range(months[0], periods=months.size, freq="MS", use_cftime=False)
    return field.assign_coords(time=axis, days=("time", time.days_in_month.values))


def annual_mean(field: xr.DataArray) -> xr.DataArray:
    """The mean of each year, in which a month counts for as many days as its own calendar gives it.

    Args:
        field: any shape with a dimension `time`, as `monthly` gives it, with `days`.

    Returns:
        `year` in the place of `time`; missing where a month of the year is.
    """
    year = field["time"].dt.year
    mean = (field * field["days"]).groupby(year).sum("time") / field["days"].groupby(year).sum("time")
    return mean.where(field.notnull().groupby(year).sum("time") == 12).assign_attrs(field.attrs)


def one_vote(field: xr.DataArray, by: str = "model") -> xr.DataArray:
    """The mean of the runs of each model, so that one with many runs, or on two grids, counts once.

    Args:
        field: any shape with a dimension `run`, along which there is a coordinate of the name `by`.
        by: whose vote it is: ``model`` or ``institution``.

    Returns:
        The dimension `by` in the place of `run`; a run without a value does not count.
    """
    return field.groupby(by).mean("run", keep_attrs=True)


def agreement(change: xr.DataArray, dim: str = "model") -> xr.DataArray:
    """The share of models, from 0 to 1, whose change has the sign that most have; no change has none. Missing if all are."""
    up, down = (_share(way, change, dim) for way in (change > 0, change < 0))
    return xr.where(up > down, up, down).assign_attrs(long_name="share of models that agree on the sign", units="1")


def threshold(annual: xr.DataArray) -> xr.DataArray:
    """What a difference of two means of 20 years exceeds by chance in one case of ten: the root of 2/20, times 1.645, times sigma.

    Sigma is the standard deviation from year to year about a straight line, with the divisor n - 2, for the line takes two.
    IPCC (2021), AR6 WGI, Atlas, Cross-Chapter Box Atlas.1: https://doi.org/10.1017/9781009157896.021.

    Args:
        annual: any shape with a dimension `year`, at least three.

    Returns:
        The same without `year`, in the field's own units.
    """
    line = xr.polyval(annual["year"], annual.polyfit("year", 1)["polyfit_coefficients"])
    sigma = (annual - line).std("year", ddof=2)
    return np.sqrt(2 / 20) * 1.645 * sigma


def signal(change: xr.DataArray, limit: xr.DataArray, dim: str = "model") -> xr.DataArray:
    """What models say together of a change, in the words of the IPCC's advanced approach (see `threshold` for the source).

    Args:
        change: the change of each model, the difference of two means of 20 years.
        limit: what `threshold` gives for each model.

    Returns:
        ``none`` where fewer than 66 % of the models change by more than their limit; else ``robust`` where at least 80 % of all
        agree on the sign, else ``conflicting``. Empty where no model has a value.
    """
    beyond = _share(abs(change) > limit, change, dim)
    said = xr.where(beyond < 0.66, "none", xr.where(agreement(change, dim) >= 0.8, "robust", "conflicting"))
    return said.where(change.notnull().any(dim), "")


def _share(condition: xr.DataArray, change: xr.DataArray, dim: str) -> xr.DataArray:
    """The share of models for which something holds, among those that have a value."""
    return condition.where(change.notnull()).mean(dim)
