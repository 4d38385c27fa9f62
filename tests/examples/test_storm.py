"""Lows, tracks and the fall of pressure against loops written by hand, and against what is known of the storm of January 1996."""

import math
from dataclasses import replace

import iris
import numpy as np
import pytest
import xarray as xr
from iris.analysis.cartography import unrotate_pole
from scipy.io import netcdf_file

from examples import samples, storm

BARE = {"T": [17], "V": [17, 37]}
"""Maps on which a variable is missing altogether."""
HOUR = np.timedelta64(1, "h")
START = np.datetime64("1996-01-05T00", "ns")


@pytest.fixture(scope="module")
def blizzard() -> xr.Dataset:
    return storm.fields("storm").load()


@pytest.fixture(scope="module")
def fastest(blizzard) -> tuple[xr.DataArray, xr.Dataset]:
    """The track of all that deepens fastest, and how it does."""
    tracks = storm.tracks(storm.lows(blizzard["air_pressure_at_mean_sea_level"]))
    rates = [(track, storm.deepening(track)) for track in tracks if track.size > 4]
    return max(rates, key=lambda pair: np.nanmax(pair[1]["bergerons"]))


def _kilometres(south: float, west: float, north: float, east: float) -> float:
    """The haversine formula on a sphere of 6371 km."""
    south, west, north, east = map(math.radians, (south, west, north, east))
    half = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(half))


@pytest.mark.parametrize("variable", ["P", "T", "U", "V"])
def test_the_fields_are_those_of_the_files(blizzard, variable):
    name, units = storm.NAMES[variable.lower()]
    field = blizzard[name]
    (path,) = (path for path in samples.paths("storm") if path.name == f"{variable}storm.cdf")
    with netcdf_file(path, mmap=False) as file:
        raw = file.variables[variable.lower()][:].astype("f4")
        assert file.variables["reftime"][:].tobytes().startswith(b"1996 01 05 00:00")
        times = np.datetime64("1996-01-05T00") + file.variables["timestep"][:] * HOUR
    np.testing.assert_array_equal(field.values, np.where(raw == -9999, np.nan, raw))
    np.testing.assert_array_equal(field["time"].values, times)
    assert (field.dims, field.shape, field.attrs["units"]) == (("time", "latitude", "longitude"), (64, 33, 36), units)
    # Two corners in the south, the same on each map; and a few maps that have nothing.
    missing = field.isnull().sum(["latitude", "longitude"]).values
    assert (missing == np.where(np.isin(np.arange(64), BARE.get(variable, [])), 33 * 36, 224)).all()


def test_the_units_are_what_the_values_say(blizzard):
    """The files state none: these are the ranges of January in North America."""
    pressure, temperature, east, north = (blizzard[name] for name, _ in storm.NAMES.values())
    assert (95_000 < pressure.min() < 98_000) & (103_000 < pressure.max() < 105_500)
    assert (225 < temperature.min() < 250) & (300 < temperature.max() < 312)
    assert 15 < np.hypot(east, north).max() < 45


def test_the_analysis_that_pip_brings_is_where_iris_has_it():
    field = storm.fields("one-analysis")["air_pressure_at_mean_sea_level"]
    cube = iris.load_cube(str(samples.paths("one-analysis")[0]))
    pole = cube.coord_system()
    grid = np.meshgrid(cube.coord("grid_longitude").points, cube.coord("grid_latitude").points)
    east, north = unrotate_pole(*grid, pole.grid_north_pole_longitude, pole.grid_north_pole_latitude)
    np.testing.assert_allclose(field["longitude"], east, atol=1e-4)
    np.testing.assert_allclose(field["latitude"], north, atol=1e-4)
    np.testing.assert_array_equal(field[0], cube.data)
    assert (field["time"].dt.strftime("%Y-%m-%d").item(), field.attrs["units"]) == ("2006-06-15", "Pa")


def test_the_storm_where_it_is_else_the_analysis(monkeypatch, tmp_path):
    assert storm.sample() == "storm"
    monkeypatch.setitem(samples.SAMPLES, "storm", replace(samples.SAMPLES["storm"], home=str(tmp_path)))
    assert storm.sample() == "one-analysis"
    monkeypatch.setattr(storm, "INSTALLED", tmp_path / "not-a-debian")
    assert storm.sample() == "one-analysis"
    with pytest.raises(samples.MissingData, match="apt-get install --reinstall libncarg-data"):
        storm.fields("storm")


def _lows_by_hand(pressure: xr.DataArray) -> list[tuple]:
    """Each point of each map against its eight neighbours, all of which have to be there."""
    found, values = [], pressure.values
    for time, row, column in np.ndindex(values.shape):
        if 0 < row < values.shape[1] - 1 and 0 < column < values.shape[2] - 1:
            around = [values[time, row + up, column + along] for up in (-1, 0, 1) for along in (-1, 0, 1)]
            if not any(math.isnan(value) for value in around) and values[time, row, column] == min(around):
                found.append((time, row, column))
    return found


def _random(times, latitude, longitude) -> xr.DataArray:
    values = np.random.default_rng(1996).normal(1e5, 500, (len(times), len(latitude), len(longitude)))
    values[1, 2:4, 5] = np.nan
    coords = {"time": times, "latitude": latitude, "longitude": longitude}
    return xr.DataArray(values.astype("f4"), coords, ["time", "latitude", "longitude"], attrs={"units": "Pa"})


TIMES = {
    "a calendar of 360 days": xr.date_range("2000-02-28", periods=4, freq="D", calendar="360_day", use_cftime=True),
    "ours": np.datetime64("2000-02-28", "ns") + np.arange(4) * 6 * HOUR,
}


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
@pytest.mark.parametrize("latitude", [np.arange(20.0, 60, 4), np.arange(60.0, 20, -4)], ids=["up", "down"])
@pytest.mark.parametrize("longitude", [np.arange(-30.0, 30, 5), np.arange(330.0, 390, 5) % 360], ids=["-180", "360"])
@pytest.mark.parametrize("chunks", [None, {"time": 1, "latitude": 3, "longitude": 4}], ids=["numpy", "dask"])
def test_lows_by_hand(times, latitude, longitude, chunks):
    field = _random(times, latitude, longitude)
    centres, expected = storm.lows(field if chunks is None else field.chunk(chunks)), _lows_by_hand(field)
    assert len(expected) > 20
    np.testing.assert_array_equal(centres["time"], field["time"].values[[time for time, _, _ in expected]])
    np.testing.assert_array_equal(centres, [field.values[place] for place in expected])
    np.testing.assert_array_equal(centres["latitude"], [latitude[row] for _, row, _ in expected])
    np.testing.assert_array_equal(centres["longitude"], [longitude[column] for _, _, column in expected])
    assert centres.attrs == {"units": "Pa"}


def test_lows_of_the_blizzard_by_hand(blizzard):
    pressure = blizzard["air_pressure_at_mean_sea_level"]
    centres = storm.lows(pressure)
    np.testing.assert_array_equal(centres, [pressure.values[place] for place in _lows_by_hand(pressure)])


def test_one_map_has_lows_and_each_is_a_track_of_one_time():
    field = _random(TIMES["ours"], np.arange(20.0, 60, 4), np.arange(-30.0, 30, 5))[:1]
    tracks = storm.tracks(storm.lows(field))
    assert len(tracks) == len(_lows_by_hand(field)) > 3
    assert all(track.sizes == {"time": 1} for track in tracks)
    assert np.isnan(storm.deepening(tracks[0])["fall"]).all()


def test_no_low_no_track():
    flat = _random(TIMES["ours"], np.arange(20.0, 60, 4), np.arange(-30.0, 30, 5)) * np.nan
    assert storm.tracks(storm.lows(flat)) == []


def _lows(*places: tuple[int, float, float], step=6 * HOUR, start=START) -> xr.DataArray:
    """Lows as `lows` gives them, from (map, latitude, longitude); the pressure is their number."""
    maps, north, east = zip(*places, strict=True)
    coords = {
        "time": ("low", [start + number * step for number in maps]),
        "latitude": ("low", list(north)),
        "longitude": ("low", list(east)),
    }
    return xr.DataArray(np.arange(len(places), dtype=float), coords, ["low"], attrs={"units": "Pa"})


def _told(centres: xr.DataArray, **how: float) -> list[list[int]]:
    return sorted([int(number) for number in track.values] for track in storm.tracks(centres, **how))


def test_a_low_goes_on_as_the_nearest_of_the_next_map():
    assert _told(_lows((0, 40, -70), (1, 42, -66), (1, 44, -69), (2, 44, -62))) == [[0, 1, 3], [2]]
    assert _told(_lows((0, 40, -70), (1, 45, -70), (1, 41, -68))) == [[0, 2], [1]]


def test_of_two_lows_the_nearer_keeps_the_one_that_follows():
    assert _told(_lows((0, 40, -70), (0, 40, -66), (1, 40, -65))) == [[0], [1, 2]]
    # And the other takes the next nearest.
    assert _told(_lows((0, 40, -70), (0, 40, -66), (1, 40, -65), (1, 43, -68))) == [[0, 3], [1, 2]]


def test_no_low_is_faster_than_the_limit():
    """Four degrees of latitude are 444.8 km: 74 km/h in six hours, 37 in twelve."""
    apart = (0, 40, -70), (1, 44, -70)
    assert _kilometres(40, -70, 44, -70) / 6 == pytest.approx(74.1, abs=0.1)
    assert (_told(_lows(*apart), speed=74.0), _told(_lows(*apart), speed=74.3)) == ([[0], [1]], [[0, 1]])
    slow = _lows(*apart, step=12 * HOUR)
    assert (_told(slow, speed=37.0), _told(slow, speed=37.2)) == ([[0], [1]], [[0, 1]])
    assert _told(_lows((0, 40, -70), (1, 44.31, -70))) == [[0, 1]]
    assert _told(_lows((0, 40, -70), (1, 44.33, -70))) == [[0], [1]]


def test_longitudes_are_on_a_circle_and_shorter_towards_the_pole():
    assert _told(_lows((0, 50, 179), (1, 50, -179))) == [[0, 1]]
    assert _told(_lows((0, 50, 359), (1, 50, 1))) == [[0, 1]]
    assert (_told(_lows((0, 30, 0), (1, 30, 6))), _told(_lows((0, 60, 0), (1, 60, 6)))) == ([[0], [1]], [[0, 1]])


@pytest.mark.parametrize("calendar", ["ours", "a calendar of 360 days"])
def test_distances_by_hand_and_in_any_calendar(calendar):
    start, day = TIMES[calendar][0], TIMES[calendar][1] - TIMES[calendar][0]
    far = storm.distance(_lows((0, 40, -70), (0, 10, 170)), _lows((0, 45, -60), (0, -5, -170), (0, 40, -70)))
    there = [(45, -60), (-5, -170), (40, -70)]
    expected = [[_kilometres(*here, *other) for other in there] for here in ((40, -70), (10, 170))]
    np.testing.assert_allclose(far, expected, rtol=1e-4, atol=1e-6)
    assert _told(_lows((0, 40, -70), (1, 41, -70), step=day, start=start)) == [[0, 1]]


def _track(pressure, latitude, hours=6, start=START, hour=HOUR) -> xr.DataArray:
    times = [start + number * hours * hour for number in range(len(pressure))]
    coords = {"time": times, "latitude": ("time", latitude), "longitude": ("time", np.zeros(len(pressure)))}
    return xr.DataArray(pressure, coords, ["time"], attrs={"units": "Pa"})


@pytest.mark.parametrize("sign", [1, -1], ids=["north", "south"])
def test_deepening_by_hand(sign):
    random = np.random.default_rng(24)
    pressure, latitude = random.normal(99_000, 800, 11), random.uniform(25, 65, 11)
    result = storm.deepening(_track(pressure, sign * latitude))
    for number in range(11):
        fall = middle = share = math.nan
        if number + 4 < 11:
            fall, middle = pressure[number] - pressure[number + 4], (latitude[number] + latitude[number + 4]) / 2
            share = fall / (2400 * math.sin(math.radians(middle)) / math.sin(math.radians(60)))
        assert result["fall"].values[number] == pytest.approx(fall, nan_ok=True)
        assert result["latitude"].values[number] == pytest.approx(sign * middle, nan_ok=True)
        assert result["bergerons"].values[number] == pytest.approx(share, nan_ok=True)
    assert (result["fall"].dims, result["fall"].attrs) == (("time",), {"units": "Pa"})


def test_a_day_is_twenty_four_hours_whatever_the_step_and_the_calendar():
    assert np.isnan(storm.deepening(_track([3e3, 2e3, 1e3], [50.0] * 3, hours=9))["fall"]).all()
    start, later = TIMES["a calendar of 360 days"][:2]
    thirty = storm.deepening(_track([3e3, 2.5e3, 1e3], [50.0] * 3, hours=12, start=start, hour=(later - start) / 24))
    assert thirty["fall"].values[0] == 2e3
    assert np.isnan(thirty["fall"].values[1:]).all()


def test_a_pressure_that_is_not_in_pascal_is_refused():
    with pytest.raises(ValueError, match="in Pa, not in hPa"):
        storm.deepening(_track([1000.0, 980.0], [50.0, 50.0]).assign_attrs(units="hPa"))


def test_a_bomb_as_published():
    """Sanders and Gyakum (1980): 24 mb in 24 hours at 60°, 28 at the pole, 12 at 25°."""
    hectopascal = storm.bomb(xr.DataArray([60.0, 90.0, 25.0, -60.0, 0.0])) / 100
    assert hectopascal.values.round().tolist() == [24, 28, 12, 24, 0]
    assert hectopascal.values[0] == pytest.approx(24)


# Stachelski (NOAA, 2021), The Blizzard of '96: the Gulf on the morning of the 6th, the coast of Georgia on that of the 7th,
# near Cape Hatteras by that evening, south of New England by the evening of the 8th. Morning is 12 UTC, evening 00 UTC.
KNOWN = {"1996-01-07T12": (32.0, -81.0), "1996-01-08T00": (35.2, -75.5), "1996-01-09T00": (40.5, -70.5)}
"""Within 320 km: the grid is 2.5° by 1.25°."""


def test_the_blizzard_goes_where_it_is_known_to_have_gone(fastest):
    track, _ = fastest
    for time, place in KNOWN.items():
        here = track.sel(time=time).squeeze()
        assert _kilometres(*place, here["latitude"].item(), here["longitude"].item()) < 320
    first = track[0]
    assert str(first["time"].values)[:10] == "1996-01-06"
    assert (29 < first["latitude"] < 32) & (-98 < first["longitude"] < -82)


@pytest.mark.parametrize("speed", [80, 110])
def test_the_blizzard_is_a_bomb_and_no_other_low_of_those_days_is(blizzard, fastest, speed):
    """980 hPa at 12 UTC of the 8th is what analysts drew; a grid this coarse misses the centre, and by less than ten."""
    track, rate = fastest
    assert 980e2 < track.sel(time="1996-01-08T12") < 990e2
    best = int(np.nanargmax(rate["bergerons"]))
    start = track["time"].values[best]
    assert str(start)[:13] == "1996-01-07T06"
    assert (float(rate["fall"][best]), float(rate["latitude"][best])) == (pytest.approx(2040.9, abs=0.1), pytest.approx(34.375))
    tracks = storm.tracks(storm.lows(blizzard["air_pressure_at_mean_sea_level"]), speed)
    bombs = [one for one in tracks if one.size > 4 and np.nanmax(storm.deepening(one)["bergerons"]) >= 1]
    assert len(bombs) == 1


@pytest.mark.parametrize("speed", [65, 100, 120])
def test_the_track_does_not_hang_on_the_limit(blizzard, fastest, speed):
    tracks = storm.tracks(storm.lows(blizzard["air_pressure_at_mean_sea_level"]), speed)
    assert any(track.equals(fastest[0]) for track in tracks)
