"""The ash of 2010 against the text file read by hand, Iris's areas, and where the volcano is."""

import math

import iris
import numpy as np
import pytest
import xarray as xr
from iris.analysis.cartography import area_weights

from examples import ash, samples


@pytest.fixture(scope="module")
def cloud() -> xr.DataArray:
    return ash.concentration()


@pytest.fixture(scope="module")
def lines() -> tuple[dict[str, str], list[list[str]], list[list[float]]]:
    """The file by hand: its header, the rows that name its columns, and its numbers."""
    (path,) = samples.paths("ash")
    text = path.read_text(encoding="utf-8").splitlines()
    header = dict(line.split(":", 1) for line in text[1:18] if ":" in line)
    table = [[part.strip() for part in line.rstrip().rstrip(",").split(",")] for line in text if line.count(",") >= 7]
    numbers = [[float(part) for part in row] for row in table[7:]]
    return {name.strip(): value.strip() for name, value in header.items()}, table[:7], numbers


def test_values_by_hand(cloud, lines):
    """Each row has its columns in grams; what has no row is zero."""
    _, columns, numbers = lines
    assert columns[4][4:] == ["g/m3"] * 3
    assert columns[5][4:] == ["From FL000 - FL200", "From FL200 - FL350", "From FL350 - FL550"]
    assert columns[6][4:] == ["0600UTC 11/05/2010"] * 3
    expected = np.zeros(cloud.shape)
    for column, row, _, _, *layers in numbers:
        # The middle of the first cell is at 1.5.
        expected[:, int(row) - 1, int(column) - 1] = layers
    np.testing.assert_allclose(cloud.values, 1000 * expected, rtol=1e-5)
    assert (cloud.dims, cloud.attrs["units"]) == (("flight_level", "latitude", "longitude"), "mg m-3")


def test_places_by_hand(cloud, lines):
    _, _, numbers = lines
    for _, _, east, north, *layers in numbers[::997]:
        here = cloud.sel(latitude=north, longitude=east, method="nearest")
        assert abs(here["latitude"] - north) < 1e-3
        assert abs(here["longitude"] - east) < 1e-3
        np.testing.assert_allclose(here, [1000 * layer for layer in layers], rtol=1e-5)
    assert cloud["flight_level"].values.tolist() == [100, 275, 450]
    assert cloud["time"].dt.strftime("%Y-%m-%d %H").item() == "2010-05-11 06"


def test_areas_are_those_of_iris(cloud):
    (path,) = samples.paths("ash")
    cube = iris.load_cube(str(path))[0]
    np.testing.assert_allclose(ash.cell_areas(cloud), area_weights(cube)[:, 0] / 1e6, rtol=1e-4)


@pytest.mark.parametrize("turned", [1, -1], ids=["up", "down"])
def test_the_cells_of_a_globe_are_its_area(turned):
    coords = {"latitude": np.arange(-90, 91, 10.0)[::turned], "longitude": np.arange(0, 360, 20)}
    globe = xr.DataArray(np.ones((19, 18)), coords, ["latitude", "longitude"])
    assert float(ash.area_above(globe, 0)) == pytest.approx(4 * math.pi * 6371.229**2, rel=1e-9)


def test_area_above_by_hand(cloud, lines):
    """Every row of the file against every limit; the area of a cell as length times breadth, at its middle."""
    header, _, numbers = lines
    breadth, length = (math.radians(float(header[f"{axis} grid resolution"])) for axis in ("Y", "X"))
    for limit in ash.LIMITS.values():
        above = [0.0, 0.0, 0.0]
        for _, _, _, north, *layers in numbers:
            for layer, value in enumerate(layers):
                above[layer] += (1000 * value > limit) * 6371.229**2 * breadth * length * math.cos(math.radians(north))
        np.testing.assert_allclose(ash.area_above(cloud, limit), above, rtol=1e-4)


def test_what_is_missing_or_at_the_limit_is_not_above():
    coords = {"latitude": [0.0, 1.0], "longitude": [10.0, 11.0]}
    field = xr.DataArray([[2.0, np.nan], [2.1, 0.0]], coords, ["latitude", "longitude"])
    one = float(ash.cell_areas(field)[1])
    assert float(ash.area_above(field, 2)) == pytest.approx(one)
    assert one == pytest.approx((6371.229 * math.radians(1)) ** 2 * math.cos(math.radians(1)), rel=1e-4)
    assert float(ash.area_above(field.chunk(latitude=1), 2)) == pytest.approx(one)
    assert float(ash.area_above(field.where(False), 2)) == 0


def test_the_most_ash_is_at_the_volcano(cloud, lines):
    """Eyjafjallajökull is at 63.63°N, 19.62°W (Smithsonian Institution, Global Volcanism Program)."""
    most = ash.peak(cloud)
    assert float(most) == pytest.approx(1000 * max(max(row[4:]) for row in lines[2]), rel=1e-6)
    assert abs(most["latitude"] - 63.63) < 0.5
    assert abs(most["longitude"] + 19.62) < 0.5
    assert most["flight_level"] == 100


def test_the_limits_are_those_of_the_charts():
    """Met Office, London VAAC: 200, 2000 and 4000 micrograms in a cubic metre."""
    assert [1000 * limit for limit in ash.LIMITS.values()] == [200, 2000, 4000]
