"""Every change that is made to a cube is listed, and nothing else; what two ways through Xarray do to the Met Office's PP files."""

import re
from collections.abc import Callable

import dask.array as da
import iris
import numpy as np
import pytest
from cf_units import Unit
from iris.coord_systems import GeogCS
from iris.coords import AncillaryVariable, AuxCoord, CellMeasure, CellMethod, DimCoord
from iris.cube import Cube

from examples import catalogue, iris_bridge, samples

pytestmark = [
    pytest.mark.filterwarnings("ignore:Setting the (dtype|shape) on a NumPy array:DeprecationWarning:iris"),
    pytest.mark.filterwarnings("ignore:Unable to create instance of HybridHeightFactory:UserWarning"),  # colpex has no orography
    pytest.mark.filterwarnings("ignore:.*(iris.FUTURE.lam_pole_offset|legacy date precision):FutureWarning"),
]

HEIGHTS = "air_potential_temperature"
FACTS = {
    "A1B.2098.pp": 1,
    "E1.2098.pp": 1,
    "air_temp.pp": 1,
    "colpex.pp": 2,
    "pre-industrial.pp": 1,
    "uk_hires.pp": 2,
    "wind_speed_lake_victoria.pp": 2,
}
PATHS = {path.name: path for path in samples.SAMPLES["pp-files"].files("pp-files").values()}


def _cubes(name: str) -> list[Cube]:
    return list(iris.load(str(PATHS[name])))


def _heights() -> Cube:
    return iris.load_cube(str(PATHS["uk_hires.pp"]), HEIGHTS)


def _made(values) -> Cube:
    """A cube of ours with one of each thing that a cube can carry: three times of a 360-day calendar."""
    cube = Cube(values, long_name="thing", units="m", attributes={"history": "made", "levels": np.array([1, 2])})
    bounds = [[0, 30], [30, 60], [60, 90]]
    days = Unit("days since 2000-01-01", calendar="360_day")
    cube.add_dim_coord(DimCoord([15.0, 45.0, 75.0], "time", units=days, bounds=bounds), 0)
    cube.add_aux_coord(AuxCoord(["a", "bb", "c"], long_name="label"), 0)
    cube.add_aux_coord(AuxCoord(np.int32(3), "realization", units="1"))
    cube.add_aux_coord(AuxCoord(50.0, "latitude", units="degrees", coord_system=GeogCS(6371229.0)))
    cube.add_cell_measure(CellMeasure(np.ones(3), "cell_area", units="m2"), 0)
    cube.add_ancillary_variable(AncillaryVariable(np.zeros(3), long_name="quality", units="1"), 0)
    cube.add_cell_method(CellMethod("mean", "time", intervals="1 hour"))
    return cube


def test_the_sample_is_what_it_is_known_to_be():
    assert {path.name: len(iris.load(str(path))) for path in samples.paths("pp-files")} == FACTS


@pytest.mark.parametrize("name", FACTS)
def test_a_cube_has_no_difference_from_itself(name):
    for cube in _cubes(name):
        assert iris_bridge.differences(cube, cube.copy()) == []
        assert cube == cube.copy()


CHANGES: dict[str, Callable[[Cube], object]] = {
    "cube: standard_name: None became air_temperature": lambda c: setattr(c, "standard_name", "air_temperature"),
    "cube: units: m became km": lambda c: setattr(c, "units", "km"),
    "cube: attribute history: made became None": lambda c: c.attributes.pop("history"),
    "cube: attribute number: None became 3": lambda c: c.attributes.update(number=3),
    "cube: attribute levels: [1 2] became [1 3]": lambda c: c.attributes.update(levels=np.array([1, 3])),
    "cell methods: ": lambda c: setattr(c, "cell_methods", ()),
    "coordinate time: lost": lambda c: c.remove_coord("time"),
    "coordinate height: new": lambda c: c.add_aux_coord(AuxCoord(2.0, "height", units="m")),
    "coordinate realization: units: 1 became unknown": lambda c: setattr(c.coord("realization"), "units", "unknown"),
    "coordinate realization: type: int32 became int64": lambda c: setattr(c.coord("realization"), "points", np.array([3])),
    "coordinate realization: 1 of 1 values differ": lambda c: setattr(c.coord("realization"), "points", np.array([4], "i4")),
    "coordinate label: 1 of 3 values differ": lambda c: setattr(c.coord("label"), "points", np.array(["a", "bb", "d"])),
    "coordinate label: attribute of: None became us": lambda c: c.coord("label").attributes.update({"of": "us"}),
    "coordinate time: has bounds: True became False": lambda c: setattr(c.coord("time"), "bounds", None),
    "coordinate time: bounds: 1 of 6 values differ": lambda c: setattr(c.coord("time"), "bounds", [[0, 30], [30, 60], [60, 91.0]]),
    "coordinate time: calendar: 360_day became standard": lambda c: setattr(
        c.coord("time"), "units", Unit("days since 2000-01-01", calendar="standard")
    ),
    "coordinate time: climatological: False became True": lambda c: setattr(c.coord("time"), "climatological", True),
    "coordinate time: kind: dimension became auxiliary": lambda c: iris.util.demote_dim_coord_to_aux_coord(c, "time"),
    "coordinate latitude: grid: GeogCS(6371229.0) became None": lambda c: setattr(c.coord("latitude"), "coord_system", None),
    "cell measures: {'cell_area'} became set()": lambda c: c.remove_cell_measure("cell_area"),
    "ancillary variables: {'quality'} became set()": lambda c: c.remove_ancillary_variable("quality"),
    "cube: type: float64 became float32": lambda c: setattr(c, "data", c.data.astype("f4")),
    "cube: 1 of 3 values differ": lambda c: c.data.__setitem__(0, 5),
    "cube: masked points: 1 became 0": lambda c: setattr(c, "data", np.ma.getdata(c.data)),
}


@pytest.mark.parametrize("said", CHANGES)
def test_a_change_is_listed(said):
    cube = _made(np.ma.array([1.0, 2, 3], mask=[0, 1, 0]))
    changed = cube.copy()
    CHANGES[said](changed)
    found = iris_bridge.differences(cube, changed)
    assert [difference for difference in found if difference.startswith(said)], found
    assert len({difference.split(":")[0] for difference in found}) == 1


def test_a_mask_that_moved_is_listed_though_as_many_points_are_masked():
    one, other = (_made(np.ma.array([1.0, 1, 1], mask=mask)) for mask in ([1, 0, 0], [0, 0, 1]))
    assert iris_bridge.differences(one, other) == ["cube: 2 of 3 values differ"]


def test_missing_is_the_same_as_missing():
    assert iris_bridge.differences(_made(np.array([1, np.nan, 3])), _made(np.array([1, np.nan, 3]))) == []


def test_a_formula_that_is_gone_is_listed():
    cube = _heights()
    bare = cube.copy()
    bare.remove_aux_factory(bare.aux_factories[0])
    terms = "'delta=level_height', 'orography=surface_altitude', 'sigma=sigma'"
    assert iris_bridge.differences(cube, bare) == [
        "coordinate altitude: lost",
        f"formulas: {{('HybridHeightFactory', {terms})}} became set()",
    ]


def test_comparing_leaves_both_lazy():
    cube = _heights()
    iris_bridge.differences(cube, cube.copy())
    assert cube.has_lazy_data()


ADDED = re.compile(r".*: (var_name|attribute (Conventions|um_stash_source)|standard_name): None became .*")


def _but_for_what_is_added(cube: Cube, way: Callable[[Cube], Cube]) -> list[str]:
    """The differences after a way, without those that only add: a name in the file, the version of CF, a name of CF."""
    return [difference for difference in iris_bridge.differences(cube, way(cube)) if not ADDED.fullmatch(difference)]


@pytest.mark.parametrize("name", FACTS)
def test_nothing_is_lost_by_way_of_ncdata_but_the_stash_code_of_a_coordinate(name):
    """That one comes back as text, in an attribute of another name."""
    for cube in _cubes(name):
        back = iris_bridge.by_ncdata(cube)
        lost = _but_for_what_is_added(cube, lambda _, back=back: back)
        assert lost == ["coordinate surface_altitude: attribute STASH: m01s00i033 became None"] * len(cube.aux_factories)
        if lost:
            assert back.coord("surface_altitude").attributes["um_stash_source"] == "m01s00i033"
        np.testing.assert_array_equal(back.data, cube.data)


def test_an_ensemble_and_months_of_a_360_day_calendar_come_back_too():
    for paths in (catalogue.sample_paths("glosea4")[:1], catalogue.sample_paths("sea-ice-velocity")[:3]):
        assert _but_for_what_is_added(iris.load_cube([str(path) for path in paths]), iris_bridge.by_ncdata) == []


def test_a_grid_that_only_single_points_lie_on_is_lost():
    lost = _but_for_what_is_added(_made(np.ones(3)), iris_bridge.by_ncdata)
    assert lost == ["coordinate latitude: grid: GeogCS(6371229.0) became None"]


def test_what_xarrays_own_converters_lose():
    lost = set(_but_for_what_is_added(_heights(), iris_bridge.by_xarray))
    assert {
        "coordinate level_height: has bounds: True became False",
        "coordinate sigma: units: 1 became unknown",
        "coordinate altitude: kind: derived became auxiliary",
    } <= lost
    assert any(difference.startswith("coordinate grid_latitude: grid: RotatedGeogCS") for difference in lost)
    assert any(difference.startswith("formulas:") and difference.endswith("became set()") for difference in lost)


def test_no_field_is_read_on_the_way_and_its_tasks_are_the_same():
    cube = _heights()
    assert iris_bridge.fields_read(lambda: iris_bridge.by_ncdata(cube)) == 0
    tasks = set(cube.core_data().__dask_graph__())
    dataset = iris_bridge.to_xarray(cube)
    back = iris_bridge.from_xarray(dataset, HEIGHTS)
    assert tasks <= set(dataset[HEIGHTS].data.__dask_graph__())
    assert tasks <= set(back.core_data().__dask_graph__())
    assert back.has_lazy_data()


def test_the_field_itself_says_what_made_it():
    """Iris's older way puts this on the dataset, and an array taken out of it no longer knows."""
    attributes = iris_bridge.to_xarray(_heights())[HEIGHTS].attrs
    assert (attributes["source"], attributes["um_version"]) == ("Data from Met Office Unified Model", "7.3")


def test_reading_is_counted_by_the_field():
    cube = _heights()
    assert iris_bridge.fields_read(lambda: cube.data) == 3 * 7
    assert iris_bridge.fields_read(lambda: None) == 0


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "i2"])
def test_masked_points_are_missing_in_xarray_and_masked_again_in_iris(dtype, lazy):
    values = np.ma.array([1, 2, 3], mask=[0, 1, 0], dtype=dtype)
    cube = _made(da.from_array(values) if lazy else values)
    there = iris_bridge.to_xarray(cube)["thing"]
    assert there.isnull().values.tolist() == [False, True, False]
    back = iris_bridge.by_ncdata(cube)
    assert back.data.mask.tolist() == [False, True, False]
    assert back.data.compressed().tolist() == [1, 3]
    kept = dtype[0] == "f"
    assert (back.dtype == cube.dtype) is kept
    assert kept or back.dtype.kind == "f"


def test_integers_that_are_known_to_be_whole_stay_integers():
    cube = _made(np.array([1, 2, 3], "i4"))
    assert iris_bridge.to_xarray(cube)["thing"].dtype == "i4"
    assert iris_bridge.by_ncdata(cube).dtype == "i4"


@pytest.mark.parametrize("dtype", ["uint8", "int8", "bool"])
def test_bytes_that_may_be_masked_are_refused_and_go_after_the_mend(dtype):
    lazy = _made(da.from_array(np.array([0, 1, 255]).astype(dtype)))
    with pytest.raises(ValueError, match=f"of one byte a value .{dtype}.*convert it first"):
        iris_bridge.to_xarray(lazy)
    lazy.data = lazy.core_data().astype("int16")
    assert iris_bridge.to_xarray(lazy)["thing"].values.tolist() == np.array([0, 1, 255]).astype(dtype).astype("int16").tolist()


def test_missing_points_of_a_pp_file_are_missing_in_what_a_visit_brings(tmp_path):
    """Written with Iris, read by the catalogue in the place of a sample: no 9.97e36 for the sea."""
    cube = iris.load_cube([str(path) for path in catalogue.sample_paths("glosea4")[:1]])
    holed = np.ma.masked_less(cube.data, 280)
    assert 0 < np.ma.count_masked(holed) < holed.size
    cube.data = holed
    iris.save(cube, tmp_path / "ensemble_000.pp")
    array = catalogue._pp([tmp_path / "ensemble_000.pp"])
    assert int(array.isnull().sum()) == np.ma.count_masked(holed)
    assert float(array.max()) == holed.max()


def test_a_name_that_is_not_in_the_dataset_is_an_error():
    with pytest.raises(iris.exceptions.ConstraintMismatchError):
        iris_bridge.from_xarray(iris_bridge.to_xarray(_heights()), "x_wind")
