"""Ascents against the table read by hand; energies against a published value, a textbook integral and one another."""

import csv
import math
from collections import defaultdict
from pathlib import Path

import dask
import metpy.calc as mpcalc
import numpy as np
import pint
import pytest
import xarray as xr
from metpy.units import units

from examples import samples, sounding

ROOT = Path(__file__).parents[2]
HOUR = ROOT / "data/soundings/1999-05-04T00.csv"


@pytest.fixture(scope="module")
def soundings() -> xr.Dataset:
    return sounding.read(HOUR)


@pytest.fixture(scope="module")
def energies(soundings) -> xr.Dataset:
    return sounding.cape_cin(soundings)


def _rows() -> dict[str, list[dict[str, str]]]:
    rows = defaultdict(list)
    with HOUR.open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            rows[row["station"]].append(row)
    return rows


def test_the_sample_is_what_it_is_known_to_be(soundings):
    entry = samples.SAMPLES["soundings-1999"]
    assert samples.paths("soundings-1999") == [HOUR]
    rows = _rows()
    assert (len(rows), sum(map(len, rows.values()))) == (83, 5741)
    assert entry.grid == "83 stations, 5741 levels in all"
    assert entry.span == soundings["time"].dt.strftime("%H UTC on %-d May %Y")
    said = (ROOT / "data/soundings/README.md").read_text(encoding="utf-8")
    assert all(words in said for words in ("public domain", "US National Weather Service", "Iowa Environmental Mesonet", HOUR.name))


def test_each_value_lands_at_its_station_and_level(soundings):
    for station, rows in _rows().items():
        for level, row in enumerate(rows):
            here = soundings.sel(station=station).isel(level=level)
            for name in ("pressure", "height", "temperature", "dew_point"):
                assert float(here[name]) == pytest.approx(float(row[name] or "nan"), nan_ok=True)
        assert soundings["pressure"].sel(station=station).isel(level=slice(len(rows), None)).isnull().all()
        if station > "AKN":
            break
    assert soundings["pressure"].count() == 5741


def test_norman_as_the_university_of_wyoming_has_it(soundings):
    """Its archive, as `siphon` 0.11.0 keeps it for its tests, rounds otherwise: the hour's first and 500 hPa levels."""
    norman = sounding.ascent(soundings, "OUN")
    assert norman["pressure"].values[0] == 959
    np.testing.assert_allclose(norman[["temperature", "dew_point"]].isel(level=0).to_array(), [22.2, 19.0], atol=0.15)
    middle = norman.isel(level=int((norman["pressure"] == 500).argmax("level")))
    assert [float(middle[name]) for name in ("temperature", "dew_point", "height")] == pytest.approx([-14.9, -18.9, 5670], abs=5)
    assert float(middle["wind_direction"]) == pytest.approx(225, abs=3)
    assert float(middle["wind_speed"]) == pytest.approx(18.5 / 0.5144, abs=0.5)


def test_names_and_units_are_those_of_cf(soundings):
    told = {name: (array.attrs["standard_name"], array.attrs["units"]) for name, array in soundings.items()}
    assert told == {
        "pressure": ("air_pressure", "hPa"),
        "height": ("geopotential_height", "m"),
        "temperature": ("air_temperature", "degC"),
        "dew_point": ("dew_point_temperature", "degC"),
        "wind_direction": ("wind_from_direction", "degree"),
        "wind_speed": ("wind_speed", "knot"),
    }


def test_a_pressure_that_rises_is_an_error_that_names_the_station(tmp_path):
    table = tmp_path / "2020-01-01T00.csv"
    head = HOUR.read_text(encoding="utf-8").splitlines()[0]
    table.write_text(f"{head}\nAAA,1000,0,20,10,0,0\nAAA,900,900,10,5,0,0\nBBB,900,900,10,5,0,0\nBBB,950,500,15,8,0,0\n")
    with pytest.raises(ValueError, match=r"2020-01-01T00.csv: the pressure at BBB does not fall"):
        sounding.read(table)


def test_an_unknown_station_is_an_error_that_helps(soundings):
    with pytest.raises(KeyError, match="no ascent from 'OUM'; there is OUN"):
        sounding.ascent(soundings, "OUM")


def test_an_ascent_ends_at_its_top(soundings):
    norman = sounding.ascent(soundings, "OUN")
    assert (norman.sizes["level"], float(norman["pressure"][-1])) == (27, 250.5)
    assert not norman[["pressure", "temperature", "dew_point"]].to_array().isnull().any()


def _lifted(table: str, pressure: float, temperature: float, dew_point: float) -> xr.Dataset:
    """The one ascent of a table, with a parcel of our own as its lowest level."""
    above = sounding.read(ROOT / "data/soundings" / table).isel(station=0)
    parcel = {"pressure": pressure, "temperature": temperature, "dew_point": dew_point}
    return xr.Dataset({
        name: ("level", [value, *above[name].values], above[name].attrs) for name, value in parcel.items()
    })  # fmt: skip


def test_the_energy_is_the_published_one():
    """Nashville, 12 UTC on 20 February 2014, a parcel of 25 and 18 °C from 1000 hPa: 2540.6 J/kg in the README of SkewT 1.1.0."""
    nashville = _lifted("2014-02-20T12.csv", 1000, 25, 18)
    assert sounding.cape_by_hand(nashville) == pytest.approx(2540.557, rel=0.03)
    assert float(sounding.cape_cin(nashville)["cape"]) == pytest.approx(2540.557, rel=0.06)


def test_a_warm_layer_has_the_energy_of_the_textbook():
    """Air that is virtually colder than the parcel by 8 K throughout: R times 8 K times the logarithm of the pressures.

    MetPy begins too high: it takes the virtual temperature for the temperature when it looks for the condensation level.
    """
    pressure = np.exp(np.linspace(math.log(950), math.log(200), 400))
    with_units = pressure * units.hPa, units.Quantity(20, "degC"), units.Quantity(20, "degC")
    path = mpcalc.parcel_profile(*with_units).m_as("kelvin")
    vapour = 6.112 * np.exp(17.67 * (path - 273.15) / (path - 29.65))
    virtual = path * (1 + vapour / (pressure - vapour)) / (1 + 0.622 * vapour / (pressure - vapour)) - 8
    air, dew = np.r_[20, virtual[1:] - 273.15], np.r_[20, np.full(399, -90.0)]
    ascent = xr.Dataset({
        name: ("level", values, sounding.COLUMNS[name])
        for name, values in (("pressure", pressure), ("temperature", air), ("dew_point", dew))
    })  # fmt: skip
    textbook = 287.05 * 8 * math.log(950 / 200)
    assert sounding.cape_by_hand(ascent) == pytest.approx(textbook, rel=0.02)
    assert float(sounding.cape_cin(ascent)["cape"]) == pytest.approx(textbook, rel=0.04)


def test_metpy_and_the_sum_by_hand_agree_where_there_is_much_energy(soundings, energies):
    by_hand = np.array([sounding.cape_by_hand(sounding.ascent(soundings, name)) for name in soundings["station"].values])
    much = by_hand > 1000
    assert much.sum() == 14
    np.testing.assert_allclose(energies["cape"].values[much], by_hand[much], rtol=0.06)
    np.testing.assert_array_equal(energies["cape"].values[by_hand == 0], 0)


def test_where_metpy_finds_too_little(soundings, energies):
    """At El Paso the parcel is warm from the ground to 308 hPa, and MetPy starts to count at 293."""
    assert float(energies["cape"].sel(station="EPZ")) < 10
    assert sounding.cape_by_hand(sounding.ascent(soundings, "EPZ")) > 350


def test_the_inhibition_of_norman_by_hand(soundings, energies):
    """Along MetPy's own path, on a fine grid: the sum of the negative areas up to the level of free convection."""
    norman = sounding.ascent(soundings, "OUN")
    pressure, air, dew = (norman[name].metpy.unit_array for name in ("pressure", "temperature", "dew_point"))
    fine = np.exp(np.arange(math.log(959), math.log(700), -1e-3)) * units.hPa
    level = lambda values: np.interp(-np.log(fine.m), -np.log(pressure.m), values.m_as("degC")) * units.degC  # noqa: E731
    path = mpcalc.parcel_profile(fine, air[0], dew[0])
    mixed = np.minimum(mpcalc.saturation_mixing_ratio(fine, path).m, mpcalc.saturation_mixing_ratio(pressure[0], dew[0]).m)
    warmer = path.m_as("K") * (1 + 0.608 * mixed)
    warmer -= mpcalc.virtual_temperature_from_dewpoint(fine, level(air), level(dew)).m_as("K")
    inhibition = 287.05 * 1e-3 * warmer[: np.flatnonzero(warmer < 0)[-1] + 1].clip(max=0).sum()
    assert float(energies["cin"].sel(station="OUN")) == pytest.approx(inhibition, abs=5)


def test_the_sum_by_hand_does_not_depend_on_its_step(soundings):
    norman = sounding.ascent(soundings, "OUN")
    assert sounding.cape_by_hand(norman, 1e-2) == pytest.approx(sounding.cape_by_hand(norman, 1e-4), rel=5e-3)


def test_dry_air_has_no_energy_by_hand():
    column = {"pressure": [1000, 700, 400], "temperature": [20, 10, 0], "dew_point": [-60, -60, -60]}
    assert sounding.cape_by_hand(xr.Dataset({name: ("level", np.array(values, float)) for name, values in column.items()})) == 0


def test_units_are_converted_and_not_taken_as_they_are(soundings, energies):
    norman = sounding.ascent(soundings, "OUN")
    other = norman.assign(
        pressure=(norman["pressure"] * 100).assign_attrs(units="Pa"),
        temperature=(norman["temperature"] + 273.15).assign_attrs(units="K"),
        dew_point=(norman["dew_point"] * 1.8 + 32).assign_attrs(units="degF"),
    )
    for name in ("cape", "cin"):
        assert float(sounding.cape_cin(other)[name]) == pytest.approx(float(energies[name].sel(station="OUN")), rel=1e-6)
    assert [energies[name].attrs["units"] for name in ("cape", "cin")] == ["J kg-1", "J kg-1"]


@pytest.mark.parametrize("unit", ["percent", "hPa", "knot"])
def test_a_wrong_unit_is_refused(soundings, unit):
    wrong = soundings.assign(dew_point=soundings["dew_point"].assign_attrs(units=unit))
    with pytest.raises(pint.DimensionalityError, match="Cannot convert"):
        sounding.cape_cin(wrong)


@pytest.mark.parametrize("block", [1, 4, 9])
def test_blocks_of_ascents_wait_and_give_the_same(soundings, energies, block):
    soundings, energies = soundings.isel(station=slice(9)), energies.isel(station=slice(9))
    with dask.config.set(scheduler=lambda *_, **__: pytest.fail("computed before anybody asked")):
        later = sounding.cape_cin(soundings.chunk(station=block))
    assert later["cape"].chunks[0][0] == block
    xr.testing.assert_identical(later.compute(), energies)


def test_an_ascent_of_one_level_or_none_has_no_energy_that_is_known(soundings):
    few = soundings.isel(station=slice(2)).copy(deep=True)
    few["temperature"][0] = np.nan
    few["temperature"][1, 1:] = np.nan
    assert sounding.cape_cin(few)["cape"].isnull().all()


def test_a_missing_level_within_an_ascent_is_left_out(soundings):
    norman = sounding.ascent(soundings, "OUN")
    holed = norman.copy(deep=True)
    holed["dew_point"][5] = np.nan
    without = norman.isel(level=[level for level in range(27) if level != 5])
    assert float(sounding.cape_cin(holed)["cape"]) == float(sounding.cape_cin(without)["cape"])
