"""The ensemble's statistics against loops in plain NumPy, against Iris, and against the published figures of GloSea4."""

import math

import dask
import iris
import iris.analysis
import iris.analysis.cartography
import numpy as np
import pytest
import xarray as xr

from examples import catalogue, ensemble

pytestmark = [
    pytest.mark.filterwarnings("ignore:Setting the (dtype|shape) on a NumPy array:DeprecationWarning:iris"),
    pytest.mark.filterwarnings("ignore:invalid value encountered in divide:RuntimeWarning:dask"),
]

KELVIN = {"units": "K", "standard_name": "surface_temperature"}
DIMS = ("realization", "time", "latitude", "longitude")


def _field(latitude, longitude, members=5, times=2, dtype="float32") -> xr.DataArray:
    """Random temperatures with one point in five missing, one point that no member has, and one that one member has."""
    random = np.random.default_rng(2018)
    values = random.normal(290, 5, (members, times, len(latitude), len(longitude)))
    values[random.random(values.shape) < 0.2] = np.nan
    values[:, 0, 0, 0] = np.nan
    values[1:, 0, 1, 1], values[0, 0, 1, 1] = np.nan, 290
    coords = {"latitude": latitude, "longitude": longitude}
    return xr.DataArray(values.astype(dtype), coords, DIMS, attrs=KELVIN)


@pytest.fixture(params=["numpy", "dask"])
def field(request) -> xr.DataArray:
    plain = _field(np.linspace(90, -90, 7), np.arange(0, 360, 30.0))
    return plain if request.param == "numpy" else plain.chunk(realization=2, latitude=3)


def _members_at(field: xr.DataArray):
    """For each place and time, the members that have a value there."""
    values = field.values.astype(float)
    for place in np.ndindex(values.shape[1:]):
        column = [values[(member, *place)] for member in range(values.shape[0])]
        yield place, [value for value in column if not math.isnan(value)]


def test_mean_by_hand(field):
    result = ensemble.mean(field).load()
    for place, members in _members_at(field):
        expected = sum(members) / len(members) if members else math.nan
        assert result.values[place] == pytest.approx(expected, rel=1e-6, nan_ok=True)
    assert (result.dims, result.attrs) == (DIMS[1:], KELVIN)


def test_spread_by_hand_has_the_divisor_n(field):
    result = ensemble.spread(field).load()
    for place, members in _members_at(field):
        expected = math.nan
        if len(members) > 1:
            centre = sum(members) / len(members)
            expected = math.sqrt(sum((member - centre) ** 2 for member in members) / len(members))
        assert result.values[place] == pytest.approx(expected, rel=1e-4, nan_ok=True)
    assert (result.dims, result.attrs) == (DIMS[1:], KELVIN)


def test_one_member_is_its_own_mean_and_has_no_spread(field):
    one = field.isel(realization=[0])
    np.testing.assert_array_equal(ensemble.mean(one), one[0])
    assert bool(ensemble.spread(one).isnull().all())


def test_probability_by_hand(field):
    result = ensemble.probability_above(field, 291.0).load()
    for place, members in _members_at(field):
        expected = sum(member > 291 for member in members) / len(members) if members else math.nan
        assert result.values[place] == pytest.approx(expected, nan_ok=True)
    assert result.dims == DIMS[1:]
    # A share is no temperature: nothing of the field's own attributes may stay on it.
    assert result.attrs == {"long_name": "share of members above the threshold", "units": "1"}


def test_probability_counts_only_what_is_strictly_above():
    members = xr.DataArray([1.0, 2.0, 3.0, np.nan], dims="realization")
    assert float(ensemble.probability_above(members, 2.0)) == pytest.approx(1 / 3)


def test_probability_with_a_threshold_of_each_place_missing_where_that_is_missing(field):
    limits = xr.DataArray([285.0, 290, 295, 300, np.nan, 280, 291], {"latitude": field["latitude"]}, attrs=KELVIN)
    result = ensemble.probability_above(field, limits).transpose(*DIMS[1:]).load()
    for place, members in _members_at(field):
        limit = limits.values[place[1]]
        known = members and not math.isnan(limit)
        expected = sum(member > limit for member in members) / len(members) if known else math.nan
        assert result.values[place] == pytest.approx(expected, nan_ok=True)


GRIDS = {
    "0 to 360": np.arange(0, 360, 10.0),
    "-180 to 180": np.arange(-180, 180, 10.0),
    "single precision": np.arange(0, 360, 10, dtype="float32"),
}
BOXES = {
    "in the Pacific, named west": (-5, 5, -170, -120),
    "in the Pacific, named east": (-5, 5, 190, 240),
    "across Greenwich": (-20, 30, -20, 20),
    "across Greenwich, named east": (-20, 30, 340, 20),
    "across the date line": (-20, 30, 170, -170),
    "round the world": (-90, 90, -180, 180),
    "round the world from Greenwich": (40, 90, 0, 360),
    "between two columns": (0, 0, 44, 56),
}


def _inside(longitude: float, west: float, east: float) -> bool:
    """Walk east from the western edge: is the longitude met, on any turn, before the eastern edge?"""
    while east <= west:
        east += 360
    return any(west <= longitude + turn <= east for turn in (-720, -360, 0, 360, 720))


@pytest.mark.parametrize("longitude", GRIDS.values(), ids=GRIDS)
@pytest.mark.parametrize("edges", BOXES.values(), ids=BOXES)
@pytest.mark.parametrize("descending", [False, True])
def test_box_takes_the_points_inside_edges_and_all(longitude, edges, descending):
    latitude = np.arange(-90, 91, 5.0)[:: -1 if descending else 1]
    south, north, west, east = edges
    part = ensemble.box(_field(latitude, longitude), *edges)
    assert part["latitude"].values.tolist() == [row for row in latitude if south <= row <= north]
    assert part["longitude"].values.tolist() == [column for column in longitude if _inside(column, west, east)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("first", range(0, 3600, 331))
def test_points_on_the_edges_are_inside_in_spite_of_rounding(dtype, turned, first):
    """A grid of a tenth of a degree, which no binary number holds; the box goes from one of its points to the 41st after."""
    latitude, east = np.arange(-50, 51) / 10, np.arange(3600) / 10
    longitude = (east + 180) % 360 - 180 if turned else east
    coords = {"latitude": latitude.astype(dtype), "longitude": longitude.astype(dtype)}
    field = xr.DataArray(np.zeros((101, 3600), "i1"), coords, ["latitude", "longitude"])
    inside = sorted(float(longitude[(first + step) % 3600]) for step in range(42))
    for turn in (0, -360):
        part = ensemble.box(field, -4.9, 4.9, first / 10 + turn, (first + 41) % 3600 / 10 + turn)
        np.testing.assert_allclose(np.sort(part["longitude"]), inside, atol=1e-4)
        assert part.sizes["latitude"] == 99
    # An edge that is itself in double precision is not rounded to that of the grid.
    assert ensemble.box(field, np.float64(-4.9), np.float64(4.9), 0, 1).sizes["latitude"] == 99
    itself = ensemble.box(field, *field["latitude"].values[[7, 9]], *field["longitude"].values[[5, 8]])
    assert itself.shape == (3, 4)


def test_box_keeps_values_with_their_places_units_and_laziness(field):
    part = ensemble.box(field, -60, 0, 300, 30)
    assert part["longitude"].values.tolist() == [0, 30, 300, 330]
    np.testing.assert_array_equal(part.values, field.values[:, :, 3:6][..., [0, 1, 10, 11]])
    assert (part.attrs, part.chunks is None) == (KELVIN, field.chunks is None)


@pytest.mark.parametrize("edges", [(1, 2, 0, 90), (-30, 30, 31, 59)])
def test_an_empty_box_is_an_error_that_names_it(field, edges):
    with pytest.raises(ValueError, match=f"between {edges[0]}° and {edges[1]}° north and between {edges[2]}° and {edges[3]}° east"):
        ensemble.box(field, *edges)


@pytest.mark.parametrize("descending", [False, True])
def test_area_mean_by_hand(field, descending):
    field = field[:, :, :: -1 if descending else 1]
    result, values = ensemble.area_mean(field).load(), field.values.astype(float)
    for member, time in np.ndindex(values.shape[:2]):
        total = weight = 0.0
        for row, latitude in enumerate(field["latitude"].values):
            for value in values[member, time, row]:
                if not math.isnan(value):
                    total += math.cos(math.radians(latitude)) * value
                    weight += math.cos(math.radians(latitude))
        assert float(result[member, time]) == pytest.approx(total / weight, rel=1e-6)
    assert (result.dims, result.attrs) == (DIMS[:2], KELVIN)


@pytest.mark.parametrize("latitudes", [[90, 0, -90], np.array([90.00001, 0, -90.00001], "float32"), [-90.0, 0.0, 90.0]])
def test_the_poles_have_no_area(latitudes):
    caps = xr.DataArray([[1e3], [7.0], [1e3]], {"latitude": latitudes, "longitude": [0]}, ["latitude", "longitude"])
    assert float(ensemble.area_mean(caps)) == pytest.approx(7, abs=1e-6)


def test_a_field_that_is_all_missing_has_no_area_mean(field):
    assert bool(ensemble.area_mean(field.where(False)).isnull().all())


def _refuse(*args, **kwargs):
    raise AssertionError("computed before anybody asked")


def test_a_lazy_field_stays_lazy(field):
    with dask.config.set(scheduler=_refuse):
        results = [
            ensemble.mean(field.chunk()),
            ensemble.spread(field.chunk()),
            ensemble.probability_above(field.chunk(), 290),
            ensemble.area_mean(field.chunk()),
            ensemble.nino34(field.chunk()),
        ]
    assert all(dask.is_dask_collection(result) for result in results)


def test_the_box_of_nino34_is_that_of_trenberth():
    assert ensemble.NINO34 == {"south": -5, "north": 5, "west": -170, "east": -120}


def _nino34_by_hand(field: xr.DataArray) -> np.ndarray:
    rows = np.abs(field["latitude"].values) <= 5
    columns = (field["longitude"].values >= 190) & (field["longitude"].values <= 240)
    values = field.values[..., rows, :][..., columns].astype(float)
    weights = np.cos(np.pi / 180 * field["latitude"].values[rows].astype(float))
    return (values.mean(-1) * weights).sum(-1) / weights.sum()


@pytest.fixture(scope="module")
def glosea() -> xr.DataArray:
    return catalogue.open("glosea4").load()


def test_nino34_of_glosea4_by_hand(glosea):
    np.testing.assert_allclose(ensemble.nino34(glosea), _nino34_by_hand(glosea), rtol=1e-6)
    assert ensemble.nino34(glosea).attrs["units"] == "K"


def test_nino34_of_glosea4_cools_and_spreads_as_published(glosea):
    index = ensemble.nino34(glosea)
    centre, width = ensemble.mean(index), ensemble.spread(index)
    assert (centre.values[[0, -1]] - 273.15).round(1).tolist() == [26.0, 24.0]
    assert width.values[[0, -1]].round(2).tolist() == [0.11, 0.37]


def test_each_member_keeps_its_own_start_and_lead(glosea):
    with iris.FUTURE.context(date_microseconds=True):
        for number, file in enumerate(catalogue.paths("glosea4")):
            member = iris.load_cube(str(file))
            start = member.coord("forecast_reference_time").cell(0).point
            assert str(glosea["forecast_reference_time"].values[number])[:19] == start.isoformat()[:19]
            np.testing.assert_array_equal(glosea["forecast_period"].values[number], member.coord("forecast_period").points)


def test_nino34_is_the_same_however_the_grid_is_laid_out(glosea):
    turned = glosea.assign_coords(longitude=(glosea["longitude"] + 180) % 360 - 180).sortby("longitude")
    upside_down = turned.sortby("latitude", ascending=False)
    np.testing.assert_allclose(ensemble.nino34(upside_down), ensemble.nino34(glosea), rtol=1e-6)


@pytest.fixture(scope="module")
def cube() -> iris.cube.Cube:
    """The same forecast as Iris reads it, with no part of ours: a member a file."""
    members = iris.cube.CubeList()
    with iris.FUTURE.context(date_microseconds=True):
        for number, file in enumerate(catalogue.paths("glosea4")):
            member = iris.load_cube(str(file))
            member.attributes.clear()
            # The starts differ by some days, so that these do not merge.
            for name in ("realization", "forecast_period", "forecast_reference_time"):
                for coordinate in member.coords(name):
                    member.remove_coord(coordinate)
            member.add_aux_coord(iris.coords.DimCoord(np.int32(number), "realization"))
            members.append(member)
        return members.merge_cube()


@pytest.mark.filterwarnings("ignore::iris.warnings.IrisVagueMetadataWarning")
def test_mean_spread_and_probability_are_those_of_iris(glosea, cube):
    assert cube.shape == glosea.shape
    np.testing.assert_allclose(ensemble.mean(glosea), cube.collapsed("realization", iris.analysis.MEAN).data, rtol=1e-6)
    spread = cube.collapsed("realization", iris.analysis.STD_DEV, ddof=0)
    np.testing.assert_allclose(ensemble.spread(glosea), spread.data, atol=1e-3)
    above = cube.collapsed("realization", iris.analysis.PROPORTION, function=lambda values: values > 273.15)
    np.testing.assert_allclose(ensemble.probability_above(glosea, 273.15), above.data, atol=1e-12)


@pytest.mark.filterwarnings("ignore::iris.warnings.IrisDefaultingWarning")
@pytest.mark.parametrize("edges", [(-5, 5, -170, -120), (-60, -10, 20, 140), (0, 88.75, -90, 40)])
def test_the_area_mean_is_that_of_iris_with_the_true_areas_of_its_cells(glosea, cube, edges):
    """Away from the poles the area of a cell goes with the cosine, whatever its size; Iris works it out from the bounds."""
    south, north, west, east = edges
    part = cube.intersection(latitude=(south, north), longitude=(west, east), ignore_bounds=True)
    for axis in ("latitude", "longitude"):
        if not part.coord(axis).has_bounds():
            part.coord(axis).guess_bounds()
    weights = iris.analysis.cartography.area_weights(part)
    expected = part.collapsed(["latitude", "longitude"], iris.analysis.MEAN, weights=weights)
    box = ensemble.box(glosea, *edges)
    assert (box.sizes["latitude"], box.sizes["longitude"]) == part.shape[2:]
    np.testing.assert_allclose(ensemble.area_mean(box), expected.data, rtol=1e-6)


@pytest.mark.filterwarnings("ignore::iris.warnings.IrisDefaultingWarning")
def test_the_poles_cost_the_global_mean_less_than_a_hundredth_of_a_kelvin(glosea, cube):
    """Half a row about each pole has an area, which the cosine gives as none."""
    whole = cube.copy()
    for axis in ("latitude", "longitude"):
        if not whole.coord(axis).has_bounds():
            whole.coord(axis).guess_bounds()
    weights = iris.analysis.cartography.area_weights(whole)
    expected = whole.collapsed(["latitude", "longitude"], iris.analysis.MEAN, weights=weights)
    assert 1e-5 < np.abs(ensemble.area_mean(glosea) - expected.data).max() < 0.01


@pytest.mark.parametrize("chunks", [{}, {"time": 1}, {"realization": 1, "latitude": 3}], ids=str)
def test_all_three_from_one_reading(field, chunks):
    found = ensemble.statistics(field.chunk(chunks), 291.0).load()
    for place, members in _members_at(field):
        centre = sum(members) / len(members) if members else math.nan
        apart = math.sqrt(sum((member - centre) ** 2 for member in members) / len(members)) if len(members) > 1 else math.nan
        above = sum(member > 291 for member in members) / len(members) if members else math.nan
        assert found["mean"].values[place] == pytest.approx(centre, rel=1e-6, nan_ok=True)
        assert found["spread"].values[place] == pytest.approx(apart, rel=1e-4, nan_ok=True)
        assert found["probability"].values[place] == pytest.approx(above, nan_ok=True)
    assert (found["mean"].attrs, found["spread"].attrs, found["probability"].attrs) == (KELVIN, KELVIN, {"units": "1"})
    assert set(map(str, found.dtypes.values())) == {"float32"}
    assert found["mean"].dims == DIMS[1:]


def test_more_points_than_go_through_the_cache_at_once_and_one_member():
    values = np.random.default_rng(5).normal(300, 1, (3, 200, 100)).astype("float32")
    field = xr.DataArray(values, dims=("realization", "latitude", "longitude"))
    found = ensemble.statistics(field, 300.0)
    np.testing.assert_allclose(found["spread"], values.astype(float).std(axis=0), rtol=1e-4)
    np.testing.assert_allclose(found["probability"], (values > 300).mean(axis=0))
    assert bool(ensemble.statistics(field[:1], 300.0)["spread"].isnull().all())
