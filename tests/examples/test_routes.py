"""Every route to the climatology of a file comes to the sum written out by hand."""

import numpy as np
import pytest
import xarray as xr

from examples import routes

DAYS = xr.date_range("2001-01-01", "2002-12-31", freq="D")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A file of two years, the same as a file a year, and the field in double precision: missing always or never at a point."""
    folder = tmp_path_factory.mktemp("routes")
    values = np.random.default_rng(7).normal(290, 5, (len(DAYS), 3, 4)).astype("f4")
    values[:, 1, 2] = np.nan
    coords = {"time": DAYS, "latitude": [-1.0, 0.0, 1.0], "longitude": [0.0, 1.0, 2.0, 3.0]}
    field = xr.DataArray(values, coords, ("time", "latitude", "longitude"), "sst", {"units": "K"})
    encoding = {"sst": {"_FillValue": routes.FILL}, "time": {"units": "days since 2001-01-01"}}
    field.to_netcdf(folder / "whole.nc", encoding=encoding)
    for year, part in field.groupby("time.year"):
        part.to_netcdf(folder / f"year{year}.nc", encoding=encoding)
    return folder, values.astype(float)


def by(labels, values):
    return np.stack(
        [sum(day for day, of in zip(values, labels, strict=True) if of == one) / np.sum(labels == one) for one in np.unique(labels)]
    )


@pytest.mark.parametrize("name", routes.LEVERS)
def test_each_route_gives_the_mean_of_each_month(files, name):
    folder, values = files
    found = routes.LEVERS[name](str(folder / "whole.nc"))
    np.testing.assert_allclose(found, by(DAYS.month.values, values), rtol=2e-6 if "xarray" in name or name == "single" else 1e-12)


@pytest.mark.parametrize("route", [routes.by_hand, routes.by_iris, routes.plain])
def test_others_give_months_and_days_of_one_file(files, route):
    folder, values = files
    for kind, labels in (("month", DAYS.month.values), ("day", 100 * DAYS.month.values + DAYS.day.values)):
        np.testing.assert_allclose(route(str(folder / "whole.nc"), kind), by(labels, values), rtol=2e-6)


@pytest.mark.parametrize("route", [routes.by_iris, routes.plain, routes.without_flox])
def test_a_pattern_stands_for_all_its_files(files, route):
    folder, values = files
    np.testing.assert_allclose(route(str(folder / "year*.nc"), "month"), by(DAYS.month.values, values), rtol=2e-6)
