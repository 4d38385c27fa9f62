"""Quantiles in bounded memory against sorting everything in NumPy, and against CDO."""

import subprocess

import numpy as np
import pytest
import xarray as xr

from examples import extremes

DIMS = ("time", "latitude", "longitude")


def record(days=1200, calendar="standard") -> xr.DataArray:
    """Daily values, skewed: some missing, a point never there, one there once, one that never changes, one below 0."""
    values = np.random.default_rng(3).gamma(2, 3, (days, 3, 4))
    values[np.random.default_rng(4).random(values.shape) < 0.1] = np.nan
    values[:, 0, 0] = np.nan
    values[1:, 0, 1], values[0, 0, 1] = np.nan, 7
    values[:, 0, 2] = 271.35
    values[:, 0, 3] -= 50
    times = xr.date_range("2000-01-01", periods=days, freq="D", calendar=calendar, use_cftime=calendar != "standard")
    coords = {
        "time": times,
        "latitude": ("latitude", [10.0, 0, -10], {"units": "degrees_north"}),
        "longitude": ("longitude", np.arange(0, 360, 90.0), {"units": "degrees_east"}),
    }
    return xr.DataArray(values.astype("float32"), coords, DIMS, "pr", {"units": "mm day-1"})


def by_hand(field, q) -> np.ndarray:
    """The value at the rank, from a sorted list of what is there."""
    found = np.full(field.shape[1:], np.nan)
    for place in np.ndindex(found.shape):
        column = sorted(value for value in field.values[(slice(None), *place)].tolist() if value == value)  # noqa: PLR0124
        if column:
            found[place] = column[max(int(np.ceil(q * len(column))), 1) - 1]
    return found


@pytest.mark.parametrize("q", [0.001, 0.05, 0.5, 0.9, 0.95, 0.99, 1])
@pytest.mark.parametrize("chunks", [None, 30, (1, 500, 2, 697)], ids=["in memory", "30 days", "uneven"])
def test_quantile_by_hand(q, chunks):
    field = record()
    lazy = field if chunks is None else field.chunk(time=chunks)
    result = extremes.quantile(lazy, q, parts=3)
    allowed = (field.max("time") - field.min("time")).values / 8192 + 1e-5
    wanted = by_hand(field, q)
    np.testing.assert_array_equal(np.isnan(result), np.isnan(wanted))
    assert bool((np.abs(result.values - wanted) <= allowed)[~np.isnan(wanted)].all())
    assert (result.dims, result.attrs, result.dtype) == (DIMS[1:], field.attrs, float)


def test_what_never_changes_and_what_is_there_once_is_exact():
    result = extremes.quantile(record(), 0.9)
    assert float(result[0, 2]) == np.float32(271.35)
    assert float(result[0, 1]) == 7


def test_the_quantile_stays_where_it_is_asked_for_and_not_beside():
    # 95 of one value and 5 of another: at the 95th of a hundred the first ends.
    field = xr.DataArray(np.array([1.0] * 95 + [2.0] * 5, "float32"), dims="time")
    assert float(extremes.quantile(field, 0.95)) == pytest.approx(1, abs=2e-4)
    assert float(extremes.quantile(field, 0.96)) == pytest.approx(2, abs=2e-4)


def test_one_time_and_another_calendar():
    field = record(days=1, calendar="360_day")
    np.testing.assert_array_equal(extremes.quantile(field.chunk(), 0.5), field[0].astype(float))


@pytest.mark.parametrize("q", [0, -0.1, 1.5, 95])
def test_what_is_no_share_is_an_error(q):
    with pytest.raises(ValueError, match="a share above 0 and at most 1"):
        extremes.quantile(record(), q)


def test_no_quantile_is_above_the_greatest_value():
    field = xr.DataArray(np.array([1.0, 1, 1, 2], "float32"), dims="time")
    assert float(extremes.quantile(field, 1)) == 2


@pytest.mark.parametrize("dtype", ["int16", "uint8", "float16"])
def test_what_is_not_floating_point_of_four_or_eight_bytes_is_an_error_that_says_what_to_do(dtype):
    field = xr.DataArray(np.arange(100).astype(dtype), dims="time")
    with pytest.raises(ValueError, match=f"not of {dtype}; convert the field with .astype first"):
        extremes.quantile(field, 0.5)
    assert float(extremes.quantile(field.astype("float32"), 0.5)) == pytest.approx(49, abs=99 / 8192)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_value_is_an_error(value):
    with pytest.raises(ValueError, match="infinite values"):
        extremes.quantile(xr.DataArray([1.0, value, 2.0], dims="time"), 0.5)


def test_a_field_as_it_is_stored_is_an_error():
    with pytest.raises(ValueError, match=r"not decoded \(it has a fill value\); open it without mask_and_scale=False"):
        extremes.quantile(record().assign_attrs(missing_value=-9), 0.5)


def test_quantile_as_cdo(tmp_path):
    field = record().isel(latitude=slice(1, None)).fillna(4)
    field.to_netcdf(tmp_path / "in.nc")
    file, out = str(tmp_path / "in.nc"), tmp_path / "out.nc"
    command = ["cdo", "-s", "timpctl,90", file, "-timmin", file, "-timmax", file, str(out)]
    subprocess.run(command, check=True, timeout=60, stderr=subprocess.DEVNULL)
    with xr.open_dataset(out, decode_times=False) as result:
        theirs = result["pr"].values[0]
    ours = extremes.quantile(field.chunk(time=100), 0.9).values
    # CDO counts in 101 bins and does not go on inside the bin.
    bin_of_cdo = (field.max("time") - field.min("time")).values / 101
    assert bool((np.abs(ours - theirs) <= 1.01 * bin_of_cdo).all())
    assert np.abs(ours - by_hand(field, 0.9)).max() < np.abs(theirs - by_hand(field, 0.9)).max()
