"""An unstructured mesh: areas of its triangles, means over bands of latitude, a regular grid, and a map.

Terms are those of UGRID (https://ugrid-conventions.github.io/ugrid-conventions/), as Uxarray names its dimensions: a value stands
on a node (`n_node`) or on a face (`n_face`), and `face_node_connectivity` says which nodes are the corners of each face.
"""

from __future__ import annotations

from typing import Any

import cartopy.crs as ccrs
import numba
import numpy as np
import xarray as xr
from cartopy.mpl.geoaxes import GeoAxes
from matplotlib.collections import PolyCollection
from numpy.typing import ArrayLike, NDArray

# Compiled, Uxarray takes half a minute before its first answer; on a mesh of thousands of faces it answers in a second without.
_asked, numba.config.DISABLE_JIT = numba.config.DISABLE_JIT, True  # type: ignore[attr-defined]
import uxarray as ux  # noqa: E402

numba.config.DISABLE_JIT = _asked  # type: ignore[attr-defined]


def on_faces(field: ux.UxDataArray) -> ux.UxDataArray:
    """A field that stands on nodes, on faces: the mean of the corners.

    On a flat triangle that is the mean over the face, if the field is linear on it.

    Args:
        field: any shape with a dimension `n_node`.

    Returns:
        The same with `n_face` in its place, in the field's own units.
    """
    return field.topological_mean(destination="face").assign_attrs(location="face")


def areas(grid: ux.Grid) -> xr.DataArray:
    """The area of each triangle of great circles on the unit sphere, along `n_face`, in steradians.

    Van Oosterom and Strackee (1983), IEEE Trans. Biomed. Eng. BME-30, 125-126.

    Raises:
        ValueError: not all faces are triangles.
    """
    a, b, c = np.moveaxis(_corners(grid), 1, 0)
    volume = np.einsum("ij,ij->i", a, np.cross(b, c))
    dots = sum(np.einsum("ij,ij->i", *pair) for pair in ((a, b), (b, c), (c, a)))
    return xr.DataArray(2 * np.arctan2(abs(volume), 1 + dots), dims="n_face", attrs={"standard_name": "cell_area", "units": "sr"})


def area_mean(field: ux.UxDataArray) -> xr.DataArray:
    """The mean over all faces, each weighted by its area; faces without a value do not count.

    Args:
        field: any shape with a dimension `n_face`.

    Returns:
        The same without `n_face`, in the field's own units.
    """
    return xr.DataArray(field).weighted(areas(field.uxgrid)).mean("n_face", keep_attrs=True)


def band_areas(grid: ux.Grid, edges: ArrayLike) -> xr.DataArray:
    """How much of each triangle lies in each band of latitude, exactly, also where an edge of a band cuts through it.

    Args:
        grid: triangles.
        edges: latitudes in degrees, from south to north; n + 1 of them for n bands.

    Returns:
        Dimensions `latitude` (the middle of each band, in degrees) and `n_face`, in steradians; from pole to pole, the sum over
        the bands is the area of each triangle.

    Raises:
        ValueError: the edges do not rise, or not all faces are triangles.
    """
    edges = np.asarray(edges, float)
    if edges.size < 2 or (np.diff(edges) <= 0).any():
        raise ValueError(f"the edges of the bands have to rise from south to north, two at least; these are {edges}")
    corners = _corners(grid)
    south = np.stack([_south_of(corners, np.sin(np.deg2rad(edge))) for edge in edges])
    middles = xr.DataArray(
        (edges[1:] + edges[:-1]) / 2, dims="latitude", attrs={"standard_name": "latitude", "units": "degrees_north"}
    )
    inside = np.diff(south, axis=0)
    # What is less than this is rounding: the smallest mesh in use has triangles of 1e-10.
    return xr.DataArray(np.where(inside < 1e-13, 0, inside), {"latitude": middles}, ["latitude", "n_face"], attrs={"units": "sr"})


def zonal_mean(field: ux.UxDataArray, edges: ArrayLike) -> xr.DataArray:
    """The mean over each band of latitude, weighted by the area of each triangle that lies in the band.

    Args:
        field: any shape with a dimension `n_face`, on triangles; missing values do not count.
        edges: the edges of the bands, as for `band_areas`.

    Returns:
        The same with `latitude` in place of `n_face`, in the field's own units; missing where a band has no value. Weighted by
        the area with values in each band, its mean is the `area_mean` of the field: the bands keep the total.

    Raises:
        ValueError: the edges do not rise, or not all faces are triangles.
    """
    return xr.DataArray(field).weighted(band_areas(field.uxgrid, edges)).mean("n_face", keep_attrs=True)


def regrid(field: ux.UxDataArray, step: float) -> xr.DataArray:
    """A field on the centres of a regular grid: the value of the triangle whose centre is nearest, missing outside the mesh.

    It keeps no total: nothing in it knows how large a triangle is.

    Args:
        field: any shape with a dimension `n_face`, on triangles.
        step: the width of a box in degrees; it divides 180.

    Returns:
        Dimensions `latitude` from south to north and `longitude` from -180° in place of `n_face`.

    Raises:
        ValueError: the step does not divide 180, or not all faces are triangles.
    """
    if round(180 / step) * step != 180:
        raise ValueError(f"boxes of {step}° do not fill 180°")
    centres = {
        "latitude": np.arange(-90 + step / 2, 90, step),
        "longitude": np.arange(-180 + step / 2, 180, step),
    }
    placed = field.assign_coords(face_lon=field.uxgrid.face_lon, face_lat=field.uxgrid.face_lat)
    boxes = placed.remap.to_rectilinear(centres["longitude"], centres["latitude"]).rename(lat="latitude", lon="longitude")
    for name, units in (("latitude", "degrees_north"), ("longitude", "degrees_east")):
        boxes[name].attrs = {"standard_name": name, "units": units}
    return boxes.where(xr.DataArray(covered(field.uxgrid, **centres), centres, ["latitude", "longitude"]))


def covered(grid: ux.Grid, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a triangle of the mesh holds each point of a regular grid, edges included.

    Args:
        grid: triangles.
        latitude, longitude: in degrees, of shapes (y,) and (x,).

    Returns:
        Of shape (y, x).
    """
    corners = _corners(grid)
    inwards = np.cross(corners, np.roll(corners, -1, axis=1))
    rows = (_unit(longitude, np.full_like(longitude, row)) for row in latitude)
    # A hair, so that no point falls between two triangles by rounding.
    return np.stack([((inwards @ points.T) > -1e-12).all(axis=1).any(axis=0) for points in rows])


def draw(axes: GeoAxes, field: ux.UxDataArray, **style: Any) -> PolyCollection:
    """Draw the triangles of a mesh as they are, each in the colour of its value.

    Where the map is cut, a triangle that crosses the cut is drawn at both ends, each time up to the edge.

    Args:
        axes: a map, made with ``subplot_kw={"projection": …}``.
        field: one dimension, `n_face`.
        style: for Matplotlib's `PolyCollection`, such as ``cmap``.
    """
    grid, projection, plate = field.uxgrid, axes.projection, ccrs.PlateCarree()
    faces = grid.face_node_connectivity.values
    middle = projection.proj4_params.get("lon_0", 0)
    east = (grid.node_lon.values[faces] - middle + 180) % 360 - 180
    ends = projection.transform_points(plate, np.array([middle - 179.99, middle + 179.99]), np.zeros(2))
    cut = (np.ptp(east, axis=1) > 180) & (np.ptp(ends[:, 0]) > np.ptp(projection.x_limits) / 2)
    # Just short of half a turn: the half itself is at either end.
    left, right = np.where(east > 0, -179.99, east)[cut], np.where(east < 0, 179.99, east)[cut]
    rows = np.concatenate([np.flatnonzero(~cut), np.flatnonzero(cut), np.flatnonzero(cut)])
    turned = np.concatenate([east[~cut], left, right]) + middle
    places = projection.transform_points(plate, turned, grid.node_lat.values[faces][rows])[..., :2]
    seen = np.isfinite(places).all(axis=(1, 2))
    shapes = PolyCollection(places[seen], array=np.asarray(field)[rows][seen], **style)
    axes.add_collection(shapes)
    return shapes


def _unit(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points in degrees as unit vectors, along a new last axis."""
    east, north = np.deg2rad(longitude), np.deg2rad(latitude)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=-1)


def _corners(grid: ux.Grid) -> NDArray[np.float64]:
    """The corners of each triangle as unit vectors, anticlockwise as seen from above: of shape (face, 3, 3).

    UGRID asks for that order, and not all files keep it.
    """
    if grid.n_max_face_nodes != 3:
        raise ValueError(f"only triangles; the faces of this mesh have up to {grid.n_max_face_nodes} corners")
    corners = _unit(grid.node_lon.values, grid.node_lat.values)[grid.face_node_connectivity.values]
    clockwise = np.linalg.det(corners) < 0
    return np.where(clockwise[:, None, None], corners[:, ::-1], corners)


def _south_of(corners: NDArray[np.float64], height: float) -> NDArray[np.float64]:
    """The area of each triangle below a height over the plane of the equator, which is the sine of a latitude.

    An area on the sphere is that of its map in longitude and height, and so by Green's theorem minus the integral of the height
    over the longitude round its edge. What is cut off runs along the height itself.
    """
    start, stop = corners, np.roll(corners, -1, axis=1)
    cosine = np.einsum("fek,fek->fe", start, stop)[..., None]
    ahead = (stop - start * cosine) / np.sqrt(1 - cosine**2)
    length = np.arccos(cosine)
    # Where along each side, as an angle from its start, it passes the height: at most twice.
    top = np.arctan2(ahead[..., 2:], start[..., 2:])
    highest = np.maximum(np.hypot(ahead[..., 2:], start[..., 2:]), np.finfo(float).tiny)
    reach = np.arccos(np.clip(height / highest, -1, 1))
    passes = np.concatenate([np.zeros_like(length), (top - reach) % (2 * np.pi), (top + reach) % (2 * np.pi), length], axis=-1)
    angles = np.sort(np.minimum(passes, length), axis=-1)
    middles = (angles[..., 1:] + angles[..., :-1]) / 2
    below = start[..., 2:] * np.cos(middles) + ahead[..., 2:] * np.sin(middles) < height

    x, y, z = (start[..., None, k] * np.cos(angles) + ahead[..., None, k] * np.sin(angles) for k in range(3))
    # A corner on a pole has any longitude, and needs the same one on both of its sides.
    east = np.where(np.hypot(x, y) > 1e-12, np.arctan2(y, x), 0)
    turn = (np.diff(east, axis=-1) + np.pi) % (2 * np.pi) - np.pi
    half = np.tan(np.arcsin(np.clip(z, -1, 1)) / 2)
    first, last = half[..., :-1], half[..., 1:]
    # The area between a piece of a great circle and the equator: Karney (2013), J. Geodesy 87, 43-55, section 6, for a sphere.
    under = 2 * np.arctan2(np.sin(turn / 2) * (first + last), np.cos(turn / 2) * (1 + first * last))
    area = -np.where(below, under, height * turn).sum(axis=(1, 2))
    round_pole = np.rint(turn.sum(axis=(1, 2)) / (2 * np.pi))
    return area + 2 * np.pi * np.where(round_pole > 0, height, round_pole < 0)
