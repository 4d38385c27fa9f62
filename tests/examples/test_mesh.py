"""The mesh against triangles measured by hand, cut into small ones, and against the areas that FESOM itself computes."""

import math

import cartopy.crs as ccrs
import matplotlib.pyplot as plt
import netCDF4
import numpy as np
import pytest
import shapely
import uxarray as ux
import xarray as xr
from cartopy.io import shapereader

from examples import maps, mesh, samples

(FILE,) = samples.paths("fesom-pi")
EDGES = np.arange(-90, 91, 10.0)


def _grid(longitude, latitude, faces) -> ux.Grid:
    return ux.Grid.from_topology(np.array(longitude, float), np.array(latitude, float), np.array(faces), fill_value=-1)


def _field(values, grid, dims=("n_face",), **attrs) -> ux.UxDataArray:
    return ux.UxDataArray(xr.DataArray(np.array(values, float), dims=dims, attrs=attrs), uxgrid=grid)


@pytest.fixture(scope="module")
def ocean() -> ux.UxDataset:
    return ux.open_dataset(FILE, FILE)


@pytest.fixture(scope="module")
def temperature(ocean) -> ux.UxDataArray:
    return mesh.on_faces(ocean["sea_water_temperature"])


@pytest.fixture(scope="module")
def octant() -> ux.Grid:
    return _grid([0, 90, 0], [0, 0, 90], [[0, 1, 2]])


@pytest.fixture(scope="module")
def octahedron() -> ux.Grid:
    """The whole sphere in eight; its corners turned off the axes, so that nothing lies on a pole or on the date line."""
    faces = [[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]]
    a, b = math.radians(20), math.radians(35)
    turn = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    turn = turn @ np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
    x, y, z = turn @ np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1.0]]).T
    return _grid(np.degrees(np.arctan2(y, x)), np.degrees(np.arcsin(z)), faces)


def _vectors() -> tuple[np.ndarray, np.ndarray]:
    """The corners of each triangle of the sample, read without Uxarray: as unit vectors; and the faces."""
    with netCDF4.Dataset(FILE) as file:
        east, north = (np.radians(file[name][:].data) for name in ("node_lon", "node_lat"))
        faces = file["face_nodes"][:].data
    nodes = np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=1)
    return nodes[faces], faces


def _lhuilier(corners: np.ndarray) -> np.ndarray:
    """The area of spherical triangles from their three sides, by L'Huilier's formula."""
    a, b, c = (2 * np.arcsin(np.linalg.norm(corners[:, i] - corners[:, j], axis=1) / 2) for i, j in ((0, 1), (1, 2), (2, 0)))
    s = (a + b + c) / 2
    product = np.tan(s / 2) * np.tan((s - a) / 2) * np.tan((s - b) / 2) * np.tan((s - c) / 2)
    return 4 * np.arctan(np.sqrt(np.maximum(product, 0)))


def _in_bands(corners: np.ndarray, edges: np.ndarray, pieces: int = 16) -> np.ndarray:
    """Each triangle cut into `pieces` squared, and each piece counted in the band of its centre: of shape (band, face)."""
    found = np.zeros((len(edges) - 1, len(corners)))

    def point(i, j):
        flat = corners[:, 0] * (pieces - i - j) + corners[:, 1] * i + corners[:, 2] * j
        return flat / np.linalg.norm(flat, axis=1, keepdims=True)

    for i in range(pieces):
        for j in range(pieces - i):
            small = [[point(i, j), point(i + 1, j), point(i, j + 1)]]
            if i + j < pieces - 1:
                small.append([point(i + 1, j + 1), point(i, j + 1), point(i + 1, j)])
            for piece in small:
                centre = sum(piece)
                latitude = np.degrees(np.arcsin(centre[:, 2] / np.linalg.norm(centre, axis=1)))
                band = np.clip(np.digitize(latitude, edges) - 1, 0, len(edges) - 2)
                np.add.at(found, (band, np.arange(len(corners))), _lhuilier(np.stack(piece, axis=1)))
    return found


def test_the_sample_is_what_it_is_known_to_be():
    with xr.open_dataset(FILE) as file:
        assert dict(file.sizes) == {"face": 5839, "corner": 3, "time": 2, "node": 3140, "bound": 2}
        assert file["time"].dt.year.values.tolist() == [1948, 1949]
        field = file["sea_water_temperature"]
        assert (field.dims, field.attrs["units"], field.attrs["location"]) == (("time", "node"), "degC", "node")
        assert file["mesh"].attrs["cf_role"] == "mesh_topology"
        # The first node and the first triangle, as nod2d.out and elem2d.out have them, and two values of temp.
        assert (file["node_lon"].values[0], file["node_lat"].values[0]) == (299.3988166, 74.28292396)
        assert (file["face_nodes"].values[0] + 1).tolist() == [1, 2, 12]
        assert [float(field[0].min()), float(field[0].max())] == pytest.approx([-1.8680784, 29.083563])
    assert FILE.stat().st_size < 2e5


def test_the_corners_go_anticlockwise_as_ugrid_asks():
    a, b, c = np.moveaxis(_vectors()[0], 1, 0)
    assert ((a * np.cross(b, c)).sum(axis=1) > 0).all()


def test_the_sample_lies_in_the_sea_and_would_not_if_it_were_turned():
    """FESOM's rotation by the Euler angles 50°, 15°, -90°, and its inverse: Danilov et al. (2017); in pyfesom2 `scalar_r2g`."""
    folder = maps.NATURAL_EARTH / "shapefiles/natural_earth/physical"
    land = shapely.union_all(list(shapereader.Reader(folder / "ne_50m_land.shp").geometries()))
    shapely.prepare(land)
    alpha, beta, gamma = np.radians([50, 15, -90])
    about = [
        np.array([[math.cos(angle), math.sin(angle), 0], [-math.sin(angle), math.cos(angle), 0], [0, 0, 1]])
        for angle in (gamma, alpha)
    ]
    tilt = np.array([[1, 0, 0], [0, math.cos(beta), math.sin(beta)], [0, -math.sin(beta), math.cos(beta)]])
    rotation = about[0] @ tilt @ about[1]

    def ashore(turn):
        x, y, z = (_vectors()[0].sum(axis=1) @ turn).T
        return shapely.contains_xy(land, np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))).mean()

    assert ashore(np.eye(3)) < 0.015
    assert min(ashore(rotation), ashore(rotation.T)) > 0.25


def test_areas_by_the_formula_of_lhuilier(ocean):
    areas = mesh.areas(ocean.uxgrid)
    np.testing.assert_allclose(areas, _lhuilier(_vectors()[0]), rtol=1e-7)
    assert (areas.dims, areas.attrs["units"]) == (("n_face",), "sr")


def test_areas_that_are_known(octant, octahedron):
    np.testing.assert_allclose(mesh.areas(octant), math.pi / 2)
    np.testing.assert_allclose(mesh.areas(octahedron), math.pi / 2)


def test_areas_are_those_of_fesom(ocean):
    """FESOM takes each triangle for flat, on a sphere of 6367.5 km: alike in sum, and in the middle of them."""
    theirs = ocean["cell_area"].values / 6367.5e3**2
    ratio = mesh.areas(ocean.uxgrid).values / theirs
    assert abs(mesh.areas(ocean.uxgrid).values.sum() / theirs.sum() - 1) < 2e-4
    assert abs(np.median(ratio) - 1) < 1e-3
    assert 0.9 < ratio.min() < ratio.max() < 1.11


def test_only_triangles_have_an_area_here():
    square = _grid([0, 10, 10, 0], [0, 0, 10, 10], [[0, 1, 2, 3]])
    with pytest.raises(ValueError, match="only triangles; the faces of this mesh have up to 4 corners"):
        mesh.areas(square)


def test_a_face_has_the_mean_of_its_corners(ocean, temperature):
    _, faces = _vectors()
    nodes = ocean["sea_water_temperature"].values
    for face in (0, 17, 5838):
        expected = sum(nodes[1, node].item() for node in faces[face]) / 3
        assert temperature.values[1, face] == pytest.approx(expected, rel=1e-6)
    assert (temperature.dims, temperature.attrs["location"], temperature.attrs["units"]) == (("time", "n_face"), "face", "degC")


def test_area_mean_is_that_over_the_cells_of_fesom(ocean, temperature):
    """FESOM gives a node a third of each triangle that it is a corner of."""
    corners, faces = _vectors()
    areas, nodes = _lhuilier(corners), np.zeros(3140)
    for face, corner_nodes in enumerate(faces):
        nodes[corner_nodes] += areas[face] / 3
    field = ocean["sea_water_temperature"].values.astype(float)
    result = mesh.area_mean(temperature)
    np.testing.assert_allclose(result, (field * nodes).sum(axis=1) / nodes.sum(), rtol=1e-6)
    assert (result.dims, result.attrs["units"]) == (("time",), "degC")


def test_area_mean_leaves_out_what_is_missing(octahedron):
    values = [1, 2, 3, np.nan, 5, 6, np.nan, 8]
    assert float(mesh.area_mean(_field(values, octahedron))) == pytest.approx(25 / 6)
    assert math.isnan(mesh.area_mean(_field([np.nan] * 8, octahedron)))


@pytest.mark.parametrize("edges", [EDGES, [-90, 90], [0, 30, 90], [-40, -3, 12.5]])
def test_the_bands_of_an_octant_in_closed_form(octant, edges):
    heights = np.sin(np.radians(np.clip(edges, 0, 90)))
    np.testing.assert_allclose(mesh.band_areas(octant, edges)[:, 0], np.diff(heights) * math.pi / 2, atol=1e-12)


def test_the_bands_of_a_sphere_in_eight_are_those_of_the_sphere(octahedron):
    bands = mesh.band_areas(octahedron, EDGES)
    np.testing.assert_allclose(bands.sum("n_face"), np.diff(np.sin(np.radians(EDGES))) * 2 * math.pi, rtol=1e-10)
    np.testing.assert_allclose(bands.sum("latitude"), mesh.areas(octahedron), rtol=1e-10)
    assert bands["latitude"].values.tolist() == list(range(-85, 90, 10))


@pytest.mark.parametrize("faces", [[[0, 1, 2]], [[2, 1, 0]]], ids=["north", "south"])
def test_the_bands_of_a_triangle_round_a_pole(faces):
    side = 1 if faces == [[0, 1, 2]] else -1
    grid = _grid([10, 130, 230], np.array([60, 70, 50.0]) * side, faces)
    corners = mesh._corners(grid)
    np.testing.assert_allclose(mesh.band_areas(grid, EDGES).sum("latitude"), _lhuilier(corners), rtol=1e-10)
    np.testing.assert_allclose(mesh.band_areas(grid, EDGES), _in_bands(corners, EDGES, 100), atol=2e-3)


def test_the_bands_of_the_sample_by_cutting_it_small(ocean):
    corners, _ = _vectors()
    exact, counted = mesh.band_areas(ocean.uxgrid, EDGES), _in_bands(corners, EDGES)
    np.testing.assert_allclose(exact.sum("latitude"), _lhuilier(corners), rtol=1e-7)
    np.testing.assert_allclose(exact.sum("n_face"), counted.sum(axis=1), rtol=1e-3, atol=1e-12)
    cut = (exact > 0).sum("latitude").values > 1
    assert cut.sum() > 1000
    assert abs(exact.values - counted)[:, cut].max() < 0.1 * mesh.areas(ocean.uxgrid).values.max()


def test_zonal_mean_by_cutting_small(temperature):
    counted = _in_bands(_vectors()[0], EDGES)
    expected = (temperature.values[:, None] * counted).sum(axis=2)[:, 1:] / counted.sum(axis=1)[1:]
    result = mesh.zonal_mean(temperature, EDGES)
    np.testing.assert_allclose(result[:, 1:], expected, atol=0.01)
    assert result[:, 0].isnull().all(), "there is no ocean south of 80°S"
    assert (result.dims, result.attrs["units"]) == (("time", "latitude"), "degC")


@pytest.mark.parametrize("edges", [EDGES, np.arange(-90, 91, 3.0), [-90, -12.3, 90], [-90, 90]])
def test_the_bands_keep_the_total(temperature, edges):
    bands = mesh.band_areas(temperature.uxgrid, edges).sum("n_face")
    total = mesh.zonal_mean(temperature, edges).weighted(bands).mean("latitude")
    by_hand = (temperature.values * _lhuilier(_vectors()[0])).sum(axis=1) / _lhuilier(_vectors()[0]).sum()
    np.testing.assert_allclose(total, by_hand, rtol=1e-8)


def test_corners_in_the_other_order_come_to_the_same(octahedron):
    """UGRID asks for anticlockwise, and not each file keeps it; here every second face is turned round."""
    faces = octahedron.face_node_connectivity.values.copy()
    faces[::2] = faces[::2, ::-1]
    turned = _grid(octahedron.node_lon.values, octahedron.node_lat.values, faces)
    np.testing.assert_allclose(mesh.band_areas(turned, EDGES), mesh.band_areas(octahedron, EDGES), atol=1e-12)
    assert mesh.covered(turned, np.array([-80.0, 0, 80]), np.arange(-180.0, 180, 40)).all()


def test_zonal_mean_leaves_out_what_is_missing_and_takes_one_time(temperature):
    hole = temperature.isel(time=[0]).copy()
    hole.values[:, ::3] = np.nan
    counted = _in_bands(_vectors()[0], EDGES)
    known = counted * np.isfinite(hole.values)
    expected = (np.nan_to_num(hole.values)[:, None] * known).sum(axis=2)[:, 1:] / known.sum(axis=1)[1:]
    np.testing.assert_allclose(mesh.zonal_mean(hole, EDGES)[:, 1:], expected, atol=0.02)


def test_zonal_mean_of_chunks_stays_lazy_and_is_the_same(temperature):
    lazy = mesh.zonal_mean(temperature.chunk(time=1, n_face=1000), EDGES)
    assert lazy.chunks is not None
    np.testing.assert_allclose(lazy, mesh.zonal_mean(temperature, EDGES), rtol=1e-12)


@pytest.mark.parametrize("edges", [[0], [0, 0, 10], [90, 0, -90]])
def test_bands_that_do_not_rise_are_an_error(octant, edges):
    with pytest.raises(ValueError, match="rise from south to north"):
        mesh.band_areas(octant, edges)


def _wave(longitude, latitude):
    """A smooth field that is the same on both sides of the date line; its slope is at most 2 a radian."""
    east, north = np.radians(longitude), np.radians(latitude)
    return np.sin(north) + np.cos(north) * np.cos(east)


def test_regrid_of_a_field_that_is_known(ocean):
    """At the centre of a box the value is that of a triangle's centre no farther away than the longest side, 11°."""
    corners, _ = _vectors()
    x, y, z = corners.sum(axis=1).T
    centres = np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))
    boxes = mesh.regrid(_field(_wave(*centres), ocean.uxgrid), 5)
    error = abs(boxes - _wave(*np.meshgrid(boxes["longitude"], boxes["latitude"])))
    assert float(error.max()) < 2 * math.radians(11)
    assert float(error.mean()) < 0.03
    assert float(error.isel(longitude=[0, -1]).max()) < 0.1, "at the date line"
    # Points of the open sea, the value by looking at every triangle.
    for latitude, longitude in ((2.5, -177.5), (2.5, 177.5), (-52.5, -32.5), (87.5, 2.5)):
        here = np.radians([longitude, latitude])
        point = np.array([math.cos(here[1]) * math.cos(here[0]), math.cos(here[1]) * math.sin(here[0]), math.sin(here[1])])
        nearest = (corners.sum(axis=1) / np.linalg.norm(corners.sum(axis=1), axis=1, keepdims=True) @ point).argmax()
        expected = _wave(centres[0][nearest], centres[1][nearest])
        assert float(boxes.sel(latitude=latitude, longitude=longitude)) == pytest.approx(expected)


@pytest.mark.filterwarnings("error")
def test_regrid_knows_land_from_sea(temperature):
    boxes = mesh.regrid(temperature, 10)
    assert (boxes.dims, boxes.shape) == (("time", "latitude", "longitude"), (2, 18, 36))
    assert (boxes["latitude"].values[[0, -1]].tolist(), boxes["longitude"].values[[0, -1]].tolist()) == ([-85, 85], [-175, 175])
    assert boxes["latitude"].attrs == {"standard_name": "latitude", "units": "degrees_north"}
    known = boxes.notnull().all("time")
    for place in ((5, 25), (45, -105), (65, 105), (-25, 135), (-85, 5)):
        assert not known.sel(latitude=place[0], longitude=place[1]), place
    for place in ((5, -175), (5, 175), (-45, -35), (85, 5), (35, -45)):
        assert known.sel(latitude=place[0], longitude=place[1]), place
    assert float(boxes.isel(time=0).sel(latitude=5, longitude=155)) == pytest.approx(28.7, abs=0.5), "the warm pool"


def test_regrid_does_not_keep_the_total(temperature):
    """As the slide says. By hand: the cosine of the latitude as the weight of a box."""
    boxes = mesh.regrid(temperature.isel(time=0), 10)
    weights = np.cos(np.radians(boxes["latitude"].values))[:, None] * np.isfinite(boxes.values)
    assert abs(np.nansum(boxes.values * weights) / weights.sum() - float(mesh.area_mean(temperature)[0])) > 0.2


def test_steps_that_do_not_fill_the_globe_are_an_error(temperature):
    with pytest.raises(ValueError, match="7° do not fill 180°"):
        mesh.regrid(temperature, 7)


def test_covered_by_an_octant(octant):
    latitude, longitude = np.arange(-85, 90, 10.0), np.arange(-175, 180, 10.0)
    inside = mesh.covered(octant, latitude, longitude)
    np.testing.assert_array_equal(inside, (latitude[:, None] > 0) & (longitude > 0) & (longitude < 90))
    assert mesh.covered(octant, np.array([0.0, 90]), np.array([0.0, 45, 90])).all(), "edges included"


def _shapes(grid, projection):
    figure, axes = plt.subplots(subplot_kw={"projection": projection})
    drawn = mesh.draw(axes, _field(np.arange(grid.n_face), grid))
    plt.close(figure)
    return drawn, [path.vertices for path in drawn.get_paths()]


@pytest.fixture(scope="module")
def at_the_date_line() -> ux.Grid:
    return _grid([170, -170, 180, 20, 30, 25], [0, 0, 10, 0, 0, 10], [[0, 1, 2], [3, 4, 5]])


def test_a_triangle_across_the_cut_of_a_map_is_drawn_at_both_ends(at_the_date_line):
    drawn, shapes = _shapes(at_the_date_line, ccrs.PlateCarree())
    assert drawn.get_array().tolist() == [1, 0, 0]
    assert all(np.ptp(shape[:, 0]) < 11 for shape in shapes)
    assert [(round(shape[:, 0].min()), round(shape[:, 0].max())) for shape in shapes] == [(20, 30), (-180, -170), (170, 180)]


@pytest.mark.parametrize("projection", [ccrs.PlateCarree(180), ccrs.NorthPolarStereo(), ccrs.Orthographic(180, 0)])
def test_a_map_that_is_not_cut_there_has_it_once(at_the_date_line, projection):
    drawn, shapes = _shapes(at_the_date_line, projection)
    assert drawn.get_array().tolist().count(0) == 1
    assert all(np.isfinite(shape).all() for shape in shapes)


def test_what_lies_behind_the_globe_is_not_drawn(at_the_date_line):
    drawn, _ = _shapes(at_the_date_line, ccrs.Orthographic(180, 0))
    assert drawn.get_array().tolist() == [0]
