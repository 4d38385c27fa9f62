"""Maps with coastlines that are in the project, so that no figure needs the network."""

from __future__ import annotations

from pathlib import Path

import cartopy
import cartopy.crs as ccrs
import cartopy.feature
from cartopy.mpl.geoaxes import GeoAxes

NATURAL_EARTH = Path(__file__).parents[1] / "data" / "natural_earth"
PLATE = ccrs.PlateCarree()
"""The coordinates of data on latitudes and longitudes: ``transform=maps.PLATE``."""


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
