"""The made-up days: as long as asked, by the month like the real record, on any calendar."""

import numpy as np
import xarray as xr

from examples import catalogue, synthetic


def test_nine_years_are_a_gigabyte_and_none_of_it_is_in_memory():
    field = synthetic.daily(xr.date_range("1860-01-01", "1868-12-31", freq="D"))
    assert 1.0e9 < field.nbytes < 1.05e9
    assert field.chunks
    assert "synthetic" in field.attrs["comment"]


def test_its_months_are_those_of_the_real_record():
    field = synthetic.daily(xr.date_range("1860-01-01", periods=400, freq="D")).load()
    real = catalogue.sample("ostia").values
    # In the middle between two months it is their mean, but for the weather, which is 0.3 K.
    day = 5 * 30.4375 + 15.2
    wanted = (real[5] + real[6]) / 2
    found = field[round(day)].values.reshape(18, 10, 432).mean(axis=1)
    difference = found - wanted
    assert abs(float(np.nanmean(difference))) < 0.02
    assert 0.05 < float(np.nanstd(difference)) < 0.15  # the weather of ten rows, averaged
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))


def test_members_differ_by_their_weather_and_days_are_the_same_again():
    days = xr.date_range("2000-01-01", periods=3, freq="D", calendar="360_day", use_cftime=True)
    first, again, other = synthetic.daily(days).load(), synthetic.daily(days).load(), synthetic.daily(days, 1).load()
    assert first.identical(again)
    assert 0.3 < float((first - other).std()) < 0.6
    assert float((first[0] - first[1]).std()) > 0.3


def test_values_are_of_128ths():
    field = synthetic.daily(xr.date_range("2000-01-01", periods=2, freq="D")).values * 128
    assert bool((field == np.round(field))[~np.isnan(field)].all())
