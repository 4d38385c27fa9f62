"""Maps with coastlines that are in the project, so that no figure needs the network."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cartopy
import cartopy.crs as ccrs
import cartopy.feature
import xarray as xr
from cartopy.mpl.geoaxes import GeoAxes
from matplotlib.patches import Rectangle

NATURAL_EARTH = Path(__file__).parents[1] / "data" / "natural_earth"
PLATE = ccrs.PlateCarree()
"""The coordinates of data on latitudes and longitudes: ``transform=maps.PLATE``."""


def closed(field: xr.DataArray) -> xr.DataArray:
    """A field whose first meridian stands at its end again, if it goes round the globe: no gap on a map.

    Args:
        field: dimensions `latitude` and `longitude`, the longitudes evenly spaced in degrees.
    """
    step = float(field["longitude"][1] - field["longitude"][0])
    if float(field["longitude"][-1] - field["longitude"][0]) + step < 359:
        return field
    first = field.isel(longitude=[0])
    return xr.concat([field, first.assign_coords(longitude=first["longitude"] + 360)], "longitude")


def place(latitude: float, longitude: float) -> str:
    """A place in whole degrees: 57°N 85°W."""
    east = (longitude + 180) % 360 - 180
    return f"{abs(latitude):.0f}°{'N' if latitude >= 0 else 'S'} {abs(east):.0f}°{'E' if east >= 0 else 'W'}"


def span(south: float, north: float, west: float, east: float) -> str:
    """A region by its corners, in whole degrees: 15°N 135°W to 60°N 45°W."""
    return f"{place(south, west)} to {place(north, east)}"


def graticule(axes: GeoAxes, longitudes: Iterable[float], latitudes: Iterable[float]) -> None:
    """Draw thin lines of longitude and latitude, in degrees, with their labels below and on the left.

    Args:
        axes: a map, in any projection; what it shows has to be chosen before.
        longitudes, latitudes: where the lines are.
    """
    where = {"xlocs": list(longitudes), "ylocs": list(latitudes)}
    lines = axes.gridlines(draw_labels={"bottom": "x", "left": "y"}, **where, linewidth=0.8, color="#8895a0", alpha=0.6)
    lines.x_inline = lines.y_inline = lines.rotate_labels = False
    lines.xlabel_style = lines.ylabel_style = {"size": 16, "color": "#4d5b67"}


def locator(axes: GeoAxes, bounds: tuple[float, float, float, float]) -> GeoAxes:
    """Draw a small globe over a map that shows where the map lies.

    Args:
        axes: a map, in any projection; what it shows has to be chosen before.
        bounds: left, bottom, width and height of the globe, in shares of the map.

    Returns:
        The globe.
    """
    west, east, south, north = axes.get_extent(axes.projection)
    middle = PLATE.transform_point((west + east) / 2, (south + north) / 2, axes.projection)
    globe: GeoAxes = axes.inset_axes(bounds, projection=ccrs.Orthographic(*middle))
    globe.set_global()
    coastlines(globe, land=True)
    frame = Rectangle((west, south), east - west, north - south, facecolor="none", edgecolor="#D55E00", linewidth=2.5)
    frame.set_transform(axes.projection)
    globe.add_patch(frame)
    return globe


def coastlines(axes: GeoAxes, scale: str = "110m", land: bool = False) -> GeoAxes:
    """Draw coastlines, and land in grey if asked, from the project's own copy of Natural Earth.

    Args:
        axes: a map, made with ``subplot_kw={"projection": …}``.
        scale: ``110m`` for the world, ``50m`` for a region.
        land: whether to fill the land.

    Raises:
        FileNotFoundError: the project has no coastline of that scale.
    """
    shapes = NATURAL_EARTH / "shapefiles" / "natural_earth" / "physical"
    if not (shapes / f"ne_{scale}_coastline.shp").exists():
        raise FileNotFoundError(f"{shapes}: no coastline of scale {scale}; there are 110m and 50m")
    cartopy.config["pre_existing_data_dir"] = str(NATURAL_EARTH)
    feature = cartopy.feature.NaturalEarthFeature
    if land:
        axes.add_feature(feature("physical", "land", scale), facecolor="#dfe5e9", zorder=0)
    axes.add_feature(feature("physical", "coastline", scale), facecolor="none", edgecolor="#333333", linewidth=0.9)
    axes.spines["geo"].set_edgecolor("#4d5b67")
    return axes
