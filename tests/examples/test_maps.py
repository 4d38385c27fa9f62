"""Coastlines come from the project's own files: with the network shut and with nothing kept from before."""

import re
import socket

import cartopy
import cartopy.crs as ccrs
import cartopy.feature
import matplotlib.pyplot as plt
import numpy as np
import pytest
from cartopy.mpl.gridliner import Gridliner

from examples import maps

PHYSICAL = maps.NATURAL_EARTH / "shapefiles" / "natural_earth" / "physical"
SAHARA, PACIFIC = (10, 22), (-140, 0)
GREY, WHITE = (0xDF, 0xE5, 0xE9), (255, 255, 255)


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    """No socket can be opened, Cartopy has nothing of its own on the disk, and no shapes are left in memory."""

    def refuse(*args, **kwargs):
        raise OSError("a figure wanted the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    for folder in ("data_dir", "pre_existing_data_dir", "repo_data_dir"):
        monkeypatch.setitem(cartopy.config, folder, tmp_path)
    monkeypatch.setattr(cartopy.feature, "_NATURAL_EARTH_GEOM_CACHE", {})
    yield
    plt.close("all")
    assert list(tmp_path.iterdir()) == []


def _picture(draw=lambda axes: None) -> np.ndarray:
    figure, axes = plt.subplots(figsize=(4, 2), dpi=100, subplot_kw={"projection": maps.PLATE})
    axes.set_position([0, 0, 1, 1])
    axes.set_global()
    draw(axes)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()


def _at(picture: np.ndarray, place: tuple[float, float]) -> tuple[int, ...]:
    """The colour at a longitude and latitude of a map of the whole world that fills its picture."""
    rows, columns, _ = picture.shape
    east, north = place
    return tuple(int(part) for part in picture[int((90 - north) / 180 * rows), int((east + 180) / 360 * columns)])


@pytest.mark.parametrize("scale", ["110m", "50m"])
def test_coastlines_are_drawn(scale):
    picture, bare = _picture(lambda axes: maps.coastlines(axes, scale)), _picture()
    changed = (picture != bare).any(axis=2)
    assert 0.01 < changed.mean() < 0.5
    # There is a coast at Dakar, and none in the middle of the Pacific.
    assert changed[80:90, 175:190].any()
    assert not changed[75:95, 45:70].any()
    assert (_at(picture, SAHARA), _at(picture, PACIFIC)) == (WHITE, WHITE)


@pytest.mark.parametrize("scale", ["110m", "50m"])
def test_land_is_grey_and_the_sea_is_not(scale):
    picture = _picture(lambda axes: maps.coastlines(axes, scale, land=True))
    assert (_at(picture, SAHARA), _at(picture, PACIFIC)) == (GREY, WHITE)


def test_the_map_is_handed_back():
    _, axes = plt.subplots(subplot_kw={"projection": maps.PLATE})
    assert maps.coastlines(axes) is axes


def test_an_unknown_scale_names_those_that_there_are():
    _, axes = plt.subplots(subplot_kw={"projection": maps.PLATE})
    with pytest.raises(FileNotFoundError, match="no coastline of scale 10m") as error:
        maps.coastlines(axes, "10m")
    there = {path.name.split("_")[1] for path in PHYSICAL.glob("ne_*_coastline.shp")}
    named = str(error.value).split("there are")[1]
    assert set(re.findall(r"\d+m", named)) == there == {"110m", "50m"}
    assert all((PHYSICAL / f"ne_{scale}_land.shp").exists() for scale in there)


def _conic():
    figure, axes = plt.subplots(figsize=(6, 4), dpi=100, subplot_kw={"projection": ccrs.LambertConformal(-80, 40)})
    axes.set_extent([-2e6, 2e6, -1.5e6, 1.5e6], axes.projection)
    return figure, axes


def test_a_graticule_is_labelled_below_and_on_the_left():
    figure, axes = _conic()
    maps.graticule(axes, range(-120, -39, 10), range(20, 61, 10))
    figure.canvas.draw()
    (lines,) = (child for child in axes.get_children() if isinstance(child, Gridliner))
    told = {side: {label.get_text() for label in labels if label.get_visible()} for side, labels in _labels(lines).items()}
    assert {"80°W", "90°W"} <= told["bottom"]
    assert {"40°N", "30°N"} <= told["left"]
    assert told["top"] == told["right"] == set()
    assert all(label.get_size() >= 16 for labels in _labels(lines).values() for label in labels)


def _labels(lines):
    return {side: getattr(lines, f"{side}_label_artists") for side in ("bottom", "left", "top", "right")}


def test_a_globe_shows_where_a_map_lies():
    figure, axes = _conic()
    globe = maps.locator(axes, bounds=(0, 0, 0.3, 0.4))
    figure.canvas.draw()
    picture = np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)
    centre = globe.projection.proj4_params
    assert (centre["lon_0"], centre["lat_0"]) == (pytest.approx(-80, abs=0.5), pytest.approx(40, abs=0.5))

    def is_framed(east, north):
        """Whether there is orange within four pixels of a place on the globe."""
        x, y = globe.transData.transform(globe.projection.transform_point(east, north, maps.PLATE)).round().astype(int)
        around = picture[-y - 5 : -y + 4, x - 4 : x + 5]
        return bool((abs(around - (0xD5, 0x5E, 0)).sum(axis=-1) < 60).any())

    west, east, south, north = axes.get_extent(axes.projection)
    corners = [maps.PLATE.transform_point(x, y, axes.projection) for x in (west, east) for y in (south, north)]
    assert all(is_framed(*corner) for corner in corners)
    assert not is_framed(-80, 40)
    assert not is_framed(-80, 5)
