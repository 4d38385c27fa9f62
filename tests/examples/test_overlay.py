"""Data of somebody's own in the place of a sample: in every shape that people bring, the science comes out the same."""

import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import xarray as xr

from examples import catalogue, el_nino, ensemble, futures
from examples.overlay import MissingData


@pytest.fixture
def instead(monkeypatch):
    """Put something in the place of a data set."""

    def put(name, **told):
        monkeypatch.setenv("CATALOGUE_OVERLAY", json.dumps({name: {"source": "Theirs", **told}}))

    monkeypatch.setenv("CATALOGUE_OVERLAY", "")
    return put


@pytest.fixture(scope="module")
def sst():
    return catalogue.sample("ostia").load().drop_attrs().assign_attrs(standard_name="sea_surface_temperature", units="K")


@pytest.fixture(scope="module")
def index():
    """Niño 3.4 of the sample, by plain NumPy."""
    array = catalogue.sample("ostia").load()
    inside = (array.latitude.values >= -5.001) & (array.latitude.values <= 5.001)
    across = (array.longitude.values >= 189.999) & (array.longitude.values <= 240.001)
    part = array.values[:, inside][:, :, across].astype(float)
    weights = np.cos(np.deg2rad(array.latitude.values[inside]))[:, None] * np.ones(across.sum())
    return np.nansum(part * weights, axis=(1, 2)) / np.sum(weights * ~np.isnan(part), axis=(1, 2))


def celsius(array):
    return (array - 273.15).assign_attrs(array.attrs, units="degree_Celsius")


def names(array):
    renamed = array.rename(time="t", latitude="nav_lat", longitude="x").rename("analysed")
    renamed["nav_lat"].attrs = {"units": "degrees_north"}
    renamed["x"].attrs = {"units": "degrees_east"}
    return renamed


def bare(array):
    plain = array.rename(latitude="lat", longitude="lon").rename("sst")
    plain["lat"].attrs = plain["lon"].attrs = {}
    return plain.drop_attrs(deep=False)


def days_of_360(array):
    months = xr.date_range("2006-04-16", periods=array.sizes["time"], freq="360D", calendar="360_day", use_cftime=True)
    years, month = np.divmod(np.arange(array.sizes["time"]) + 3, 12)
    kind = type(months[0])
    return array.assign_coords(time=[kind(2006 + int(y), int(m) + 1, 16) for y, m in zip(years, month, strict=True)])


SHAPES = {
    "as it is": lambda array: array,
    "degrees Celsius": celsius,
    "other names": names,
    "no attributes at all": bare,
    "latitudes from the north": lambda array: array.isel(latitude=slice(None, None, -1)),
    "longitudes from -180": lambda array: array.assign_coords(longitude=(array.longitude + 180) % 360 - 180).sortby("longitude"),
    "time last": lambda array: array.transpose("longitude", "latitude", "time"),
    "a depth of one": lambda array: array.expand_dims(depth=[0.5], axis=1),
    "a calendar of 360 days": days_of_360,
    "times backwards": lambda array: array.isel(time=slice(None, None, -1)),
    "the first of the month": lambda array: array.assign_coords(time=array.time.astype("datetime64[M]").astype("datetime64[ns]")),
    "a meridian twice": lambda array: xr.concat([array, array.isel(longitude=[0]).assign_coords(longitude=[360.0])], "longitude"),
    "everything at once": lambda array: (
        celsius(names(days_of_360(array)))
        .isel(nav_lat=slice(None, None, -1))
        .assign_coords(x=lambda a: (a.x + 180) % 360 - 180)
        .sortby("x")
        .transpose("x", "t", "nav_lat")
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_index_is_the_same_in_every_shape(shape, instead, sst, index, tmp_path):
    made = SHAPES[shape](sst)
    made.to_dataset(name=made.name or "sst").to_netcdf(tmp_path / "theirs.nc")
    instead("ostia", path=str(tmp_path / "theirs.nc"))
    array = catalogue.open("ostia")
    assert array.chunks is not None
    assert (array.dims, array.units) == (("time", "latitude", "longitude"), "K")
    np.testing.assert_allclose(ensemble.nino34(array), index, rtol=0, atol=2e-4)
    months = el_nino.monthly_anomaly(array).time.dt
    assert (int(months.year[45]), int(months.month[45])) == (2010, 1)
    assert np.issubdtype(array.time.dtype, np.datetime64)


def test_packed_numbers_a_zarr_store_and_a_file_a_year_are_read(instead, sst, index, tmp_path):
    packed = {"sst": {"dtype": "int16", "scale_factor": 0.002, "add_offset": 290.0, "_FillValue": -32768}}
    sst.to_dataset(name="sst").to_netcdf(tmp_path / "packed.nc", encoding=packed)
    instead("ostia", path=str(tmp_path / "packed.nc"))
    np.testing.assert_allclose(ensemble.nino34(catalogue.open("ostia")), index, rtol=0, atol=2e-3)
    sst.to_dataset(name="sst").to_zarr(tmp_path / "theirs.zarr", consolidated=False)
    instead("ostia", path=str(tmp_path / "theirs.zarr"))
    np.testing.assert_allclose(ensemble.nino34(catalogue.open("ostia")), index, rtol=0, atol=2e-4)
    for year, part in sst.groupby("time.year"):
        part.to_dataset(name="sst").to_netcdf(tmp_path / f"sst_{year}.nc")
    instead("ostia", path=str(tmp_path / "sst_*.nc"))
    np.testing.assert_allclose(ensemble.nino34(catalogue.open("ostia")), index, rtol=0, atol=2e-4)
    assert len(catalogue.paths("ostia")) == 5


def test_members_in_one_file_in_a_file_each_or_in_pp_are_one_ensemble(instead, tmp_path):
    forecast = catalogue.sample("glosea4").load()
    reference = forecast.values.std(axis=0)
    plain = forecast.reset_coords(drop=True).drop_attrs().assign_attrs(standard_name="surface_temperature", units="K")
    plain.rename(realization="number").to_dataset(name="ts").to_netcdf(tmp_path / "all.nc")
    for place in range(plain.sizes["realization"]):
        plain.isel(realization=place, drop=True).to_dataset(name="ts").to_netcdf(tmp_path / f"m_{place:02}.nc")
    pp = str(catalogue.sample_paths("glosea4")[0].parent / "ensemble_*.pp")
    for path in (str(tmp_path / "all.nc"), str(tmp_path / "m_*.nc"), pp):
        instead("glosea4", path=path)
        array = catalogue.open("glosea4")
        assert array.dims == ("realization", "time", "latitude", "longitude")
        np.testing.assert_allclose(ensemble.spread(array), reference, rtol=0, atol=1e-4)


def test_a_scenario_keeps_its_calendar_and_its_warming(instead, tmp_path):
    field = catalogue.sample("a1b").load()
    reference = float(futures.regional_warming(field, (1860, 1900), (2080, 2099)))
    theirs = (
        (field.drop_attrs() - 273.15)
        .assign_attrs(units="celsius", standard_name="air_temperature")
        .isel(latitude=slice(None, None, -1))
    )
    theirs.to_dataset(name="tas").to_netcdf(tmp_path / "tas.nc")
    instead("a1b", path=str(tmp_path / "tas.nc"))
    array = catalogue.open("a1b")
    assert array.time.dt.calendar == "360_day"
    assert float(futures.regional_warming(array, (1860, 1900), (2080, 2099))) == pytest.approx(reference, abs=1e-4)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


def test_an_address_is_read_too(instead, sst, index, tmp_path):
    sst.to_dataset(name="sst").to_netcdf(tmp_path / "theirs.nc", engine="h5netcdf")
    sst.to_dataset(name="sst").to_zarr(tmp_path / "theirs.zarr", consolidated=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for name in ("theirs.nc", "theirs.zarr"):
            instead("ostia", url=f"http://127.0.0.1:{server.server_port}/{name}")
            np.testing.assert_allclose(ensemble.nino34(catalogue.open("ostia")), index, rtol=0, atol=2e-4)
            assert catalogue.paths("ostia") == []
        instead("ostia", url=f"http://127.0.0.1:{server.server_port}/none.zarr")
        with pytest.raises(MissingData, match="cannot be read as a data set"):
            catalogue.open("ostia")
    finally:
        server.shutdown()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda a: a.isel(time=slice(10)), "it has 10 times; 24 are needed"),
        (lambda a: a.sel(longitude=slice(0, 100)), "it has no point between -5° and 5° north and -170° and -120° east"),
        (lambda a: a.mean("latitude"), "it has no axis that CF metadata call latitude; its dimensions are time, longitude"),
        (lambda a: a.rename(time="q").drop_vars("q"), "it has no axis that CF metadata call time"),
        (lambda a: a.assign_attrs(units="m s-1"), "its units are 'm s-1', which cannot be turned into K; mend its attribute units"),
        (lambda a: a.assign_attrs(units="warm"), "its units are 'warm', which cannot be turned into K"),
        (lambda a: a.expand_dims(depth=[0.5, 5.0]), "it has a further axis depth of 2; choose one of it beforehand"),
        (
            lambda a: a.assign_coords(time=np.datetime64("2006-04-01", "ns") + np.arange(a.sizes["time"]) * np.timedelta64(1, "D")),
            "it has several times in a month; make monthly means first",
        ),
        (lambda a: a.assign_coords(time=np.arange(float(a.sizes["time"]))), "its time is no date"),
    ],
)
def test_a_set_that_cannot_serve_is_refused_with_the_reason(change, reason, instead, sst, tmp_path):
    change(sst).to_dataset(name="sst").to_netcdf(tmp_path / "theirs.nc")
    instead("ostia", path=str(tmp_path / "theirs.nc"))
    with pytest.raises(MissingData) as raised:
        catalogue.open("ostia")
    assert reason in str(raised.value)
    assert catalogue.faults() == [{"name": "ostia", "fault": str(raised.value)}]


def test_a_curvilinear_grid_is_refused(instead, sst, tmp_path):
    y, x = np.meshgrid(sst.latitude, sst.longitude, indexing="ij")
    attributes = {"standard_name": "latitude", "units": "degrees_north"}, {"standard_name": "longitude", "units": "degrees_east"}
    grid = xr.DataArray(
        sst.values,
        {"time": sst.time, "lat": (("j", "i"), y, attributes[0]), "lon": (("j", "i"), x, attributes[1])},
        ("time", "j", "i"),
        attrs=sst.attrs,
    )
    grid.to_dataset(name="sst").to_netcdf(tmp_path / "theirs.nc")
    instead("ostia", path=str(tmp_path / "theirs.nc"))
    with pytest.raises(MissingData, match=r"its latitude is two-dimensional \(a curvilinear grid\); regrid it"):
        catalogue.open("ostia")


def test_where_several_variables_fit_the_visit_says_which(instead, sst, index, tmp_path):
    both = xr.Dataset({"first": sst, "second": sst + 1})
    both["second"].attrs = sst.attrs
    both.to_netcdf(tmp_path / "theirs.nc")
    instead("ostia", path=str(tmp_path / "theirs.nc"))
    with pytest.raises(MissingData, match=r"has several that fit \(first, second\); say which is meant"):
        catalogue.open("ostia")
    instead("ostia", path=str(tmp_path / "theirs.nc"), variable="third")
    with pytest.raises(MissingData, match="has no variable 'third'; it has first, second"):
        catalogue.open("ostia")
    instead("ostia", path=str(tmp_path / "theirs.nc"), variable="first")
    np.testing.assert_allclose(ensemble.nino34(catalogue.open("ostia")), index, rtol=0, atol=2e-4)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"path": "/nowhere/at/all.nc"}, "/nowhere/at/all.nc: there is no such file; mend the path"),
        ({"path": "{tmp}/text.nc"}, "text.nc: cannot be read as a data set"),
        ({"path": "{tmp}"}, "this folder is no Zarr store"),
    ],
)
def test_a_place_without_data_is_told(told, reason, instead, tmp_path):
    (tmp_path / "text.nc").write_text("no data", encoding="utf-8")
    instead("ostia", path=told["path"].format(tmp=tmp_path))
    with pytest.raises(MissingData) as raised:
        catalogue.open("ostia")
    assert reason in str(raised.value)


def test_a_name_that_no_talk_opens_is_told_with_the_nearest(instead):
    instead("ostai", path="/x")
    [found] = catalogue.faults()
    assert found["name"] == "ostai"
    assert "there is no data set 'ostai'; did you mean 'ostia'? There are glosea4, ostia," in found["fault"]


def test_every_sample_could_stand_in_for_itself(instead, tmp_path):
    for name, entry in catalogue.CATALOGUE.items():
        array = catalogue.sample(name).load().reset_coords(drop=True)
        array.to_dataset(name="v").to_netcdf(tmp_path / f"{name}.nc")
        instead(name, path=str(tmp_path / f"{name}.nc"))
        again = catalogue.open(name)
        assert again.dims == entry.needs.dims
        np.testing.assert_allclose(again, array, rtol=1e-5, atol=1e-4)


def test_what_is_made_up_says_so_and_the_source_is_theirs(instead):
    assert catalogue.source("ostia") == "OSTIA, Met Office, via iris-sample-data"
    assert catalogue.is_sample("ostia")
    instead("ostia", path="/x", synthetic=True)
    assert catalogue.source("ostia") == "Theirs (synthetic)"
    assert not catalogue.is_sample("ostia")
    assert catalogue.is_sample("a1b")


def test_whoever_listens_hears_what_was_asked_of_the_visit(monkeypatch):
    heard = []
    monkeypatch.setattr("sys.audit", lambda event, *args: heard.append((event, *args)))
    catalogue.open("ostia")
    catalogue.sample("nino12")
    assert {told for told in heard if told[0] == "visit.read"} == {("visit.read", "data.ostia")}
