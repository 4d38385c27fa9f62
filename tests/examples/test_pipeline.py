"""The pipeline's step, against NumPy written out by hand."""

import numpy as np
import pytest
import xarray as xr

from examples.pipeline import step, watched


@pytest.fixture
def record():
    times = xr.date_range("2001-01-15", periods=24, freq="MS", use_cftime=False)
    values = np.random.default_rng(1).normal(300, 2, (24, 5, 73))
    coords = {"time": times, "latitude": [-10.0, -4.0, 0.0, 4.0, 10.0], "longitude": np.arange(0.0, 365, 5)}
    return xr.DataArray(values, coords, ("time", "latitude", "longitude"), name="sst", attrs={"units": "K"})


def test_the_climatology_is_the_mean_of_each_calendar_month(record):
    means = step.climatology(record)
    for month in range(1, 13):
        chosen = record.values[record.time.dt.month.values == month]
        assert len(chosen) == 2
        np.testing.assert_allclose(means.sel(month=month), chosen.mean(axis=0), rtol=1e-12)
    assert means.attrs["units"] == "K"


def test_an_anomaly_is_less_the_month_of_its_own_name(record):
    found = step.anomaly(record.isel(time=[14]), step.climatology(record))
    month = record.time.dt.month.values[14]
    by_hand = record.values[14] - record.values[record.time.dt.month.values == month].mean(axis=0)
    np.testing.assert_allclose(found.values[0], by_hand, atol=1e-12)
    assert found.dims == record.dims
    assert found.attrs["units"] == "K"


def test_a_month_that_the_climatology_lacks_is_said(record):
    with pytest.raises(KeyError):
        step.anomaly(record.isel(time=[3]), step.climatology(record.isel(time=[0, 1])))


def test_the_index_weighs_by_area_inside_the_box(record):
    found = step.index(record.where(record.latitude != 0))
    inside = (record.longitude.values >= 190) & (record.longitude.values <= 240)
    by_hand = record.values[:, [1, 3]][:, :, inside].mean(axis=(1, 2))  # 4° N and 4° S weigh the same; the equator is missing
    np.testing.assert_allclose(found, by_hand, rtol=1e-12)
    tilted = record.where(record.latitude < 3)
    weights = np.cos(np.deg2rad([-4.0, 0.0]))
    by_hand = (record.values[:, 1:3][:, :, inside].mean(axis=2) * weights).sum(axis=1) / weights.sum()
    np.testing.assert_allclose(step.index(tilted), by_hand, rtol=1e-12)


def test_a_step_reads_files_and_writes_one_whole(record, tmp_path):
    record.to_netcdf(tmp_path / "record.nc", engine="h5netcdf")
    step.main("climatology", str(tmp_path / "record.nc"), str(tmp_path / "climatology.nc"))
    for place in 0, 1:
        record.isel(time=[place]).to_netcdf(tmp_path / f"{place}.nc", engine="h5netcdf")
        step.main("anomaly", str(tmp_path / f"{place}.nc"), str(tmp_path / "climatology.nc"), str(tmp_path / f"out{place}.nc"))
    step.main("index", str(tmp_path / "out0.nc"), str(tmp_path / "out1.nc"), str(tmp_path / "index.csv"))
    head, first, second = (tmp_path / "index.csv").read_text().splitlines()
    assert head == "month,nino34_anomaly_K"
    expected = step.index(record - step.climatology(record).sel(month=record.time.dt.month).drop_vars("month"))
    assert [first, second] == [f"2001-02,{expected.values[0]:.3f}", f"2001-03,{expected.values[1]:.3f}"]
    assert not list(tmp_path.glob(".*"))


def test_what_cannot_be_written_leaves_the_old_file(record, tmp_path):
    path = tmp_path / "product.nc"
    step.write("old", path)
    with pytest.raises(AttributeError):
        step.write(None, path)
    assert path.read_text() == "old"


def test_a_reader_beside_the_writer_finds_the_product_whole_when_it_is_renamed(tmp_path):
    found = watched.watch("renamed", tmp_path / "product.nc", times=5)
    assert found.keys() == {watched.WHOLE}
    assert list(tmp_path.iterdir()) == [tmp_path / "product.nc"]


def test_it_finds_what_is_not_whole_when_it_is_written_in_place(tmp_path):
    found = watched.watch("in place", tmp_path / "product.nc", times=20)
    assert found[watched.UNREAD] + found[watched.OTHER] > 0
