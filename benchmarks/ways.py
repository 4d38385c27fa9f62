"""One computation done one way, in a process of its own: ``python -m benchmarks.ways TASK WAY INPUT… OUTPUT``.

It prints the seconds from opening the file to the result on disk or in memory; starting Python and importing are outside of them.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Callable

import dask
import dask.array as da
import netCDF4
import numpy as np
import xarray as xr

from examples import climatology, ensemble, extremes
from examples.routes import DAYS, FILL, LEVERS, by_hand, by_iris, field, groups, iris, iris_months, plain, variable, without_flox

CORES = len(os.sched_getaffinity(0))
SHARE, THRESHOLD = 0.95, 302.0


# Ours


HELD = 4
"""Files that Xarray holds open at a time: each takes about a megabyte, and a pass needs one or two."""


def one_pass(path: str, by: str, stored: str = "") -> np.ndarray:
    xr.set_options(file_cache_maxsize=HELD)
    return climatology.mean(field(path, mask_and_scale=stored != "undecoded"), by).values


def anomaly(path: str, out: str) -> None:
    sst = field(path)
    departures = climatology.anomaly(sst, climatology.mean(sst, "month"))
    if ".zarr" in path:
        departures.drop_encoding().to_zarr(out, encoding={"sst": {"compressors": None}}, consolidated=False)
    else:
        departures.drop_encoding().to_netcdf(out, encoding={"sst": {"_FillValue": FILL}})


def statistics(paths: list[str], out: str) -> None:
    members = xr.open_mfdataset(paths, combine="nested", concat_dim="realization", chunks={"time": 10}).sst
    ensemble.statistics(members, THRESHOLD).drop_encoding().to_netcdf(out)


# Xarray as an analyst writes it


def plain_anomaly(path: str, out: str) -> None:
    sst = field(path)
    months = sst.groupby("time.month")
    (months - months.mean()).drop_encoding().to_netcdf(out, encoding={"sst": {"_FillValue": FILL}})


def plain_quantile(path: str) -> np.ndarray:
    return field(path, chunks={"time": -1, "latitude": "auto"}).quantile(SHARE, "time", method="inverted_cdf").values


def plain_statistics(paths: list[str], out: str) -> None:
    members = xr.open_mfdataset(paths, combine="nested", concat_dim="realization", chunks={"time": 10}).sst
    three = ensemble.mean(members), ensemble.spread(members), ensemble.probability_above(members, THRESHOLD)
    made = xr.Dataset(dict(zip(("mean", "spread", "probability"), three, strict=True)))
    made.drop_encoding().to_netcdf(out)


# Iris


def iris_anomaly(path: str, out: str) -> None:
    cube = iris_months(path)
    normal = cube.aggregated_by("month", iris().analysis.MEAN).data
    month = cube.coord("month").points - 1
    data = cube.lazy_data()
    cube.data = da.map_blocks(
        lambda block, at: (block - normal[at.ravel()]).astype(block.dtype),
        data,
        da.from_array(month, chunks=(data.chunks[0],))[:, None, None],
        dtype=data.dtype,
    )
    iris().save(cube, out, saver="nc", fill_value=FILL)


def iris_quantile(path: str) -> np.ndarray:
    cube = iris_months(path)
    return cube.collapsed("time", iris().analysis.PERCENTILE, percent=100 * SHARE).data.filled(np.nan)


def iris_statistics(paths: list[str], out: str) -> None:
    cubes = iris().cube.CubeList(iris().load_cube(path) for path in paths)
    for number, cube in enumerate(cubes):
        cube.add_aux_coord(iris().coords.DimCoord(number, "realization"))
    members, analysis = cubes.merge_cube(), iris().analysis
    made = [
        members.collapsed("realization", analysis.MEAN),
        members.collapsed("realization", analysis.STD_DEV, ddof=0),
        members.collapsed("realization", analysis.PROPORTION, function=lambda values: values > THRESHOLD),
    ]
    # Where all members are missing Iris says that none is above.
    made[2].data = np.ma.masked_array(made[2].data, made[0].data.mask)
    for cube, name in zip(made, ("mean", "spread", "probability"), strict=True):
        cube.var_name = name
    iris().save(made, out, saver="nc", fill_value=FILL)


# NumPy by hand: one pass, a block at a time, double precision


def by_hand_anomaly(path: str, out: str) -> None:
    normal, where, sst = by_hand(path, "month"), groups(path, "month") - 1, variable(path)
    with netCDF4.Dataset(path) as old, netCDF4.Dataset(out, "w") as new:
        new.set_auto_mask(False)
        for name, dimension in old.dimensions.items():
            new.createDimension(name, len(dimension))
        made = new.createVariable("sst", "f4", sst.dimensions, fill_value=FILL)
        for first in range(0, len(where), DAYS):
            block = sst[first : first + DAYS]
            block[block == FILL] = np.nan
            less = (block - normal[where[first : first + DAYS]]).astype("f4")
            less[np.isnan(less)] = FILL
            made[first : first + DAYS] = less


def by_hand_quantile(path: str) -> np.ndarray:
    """All times of a few rows at once, sorted."""
    sst = variable(path)
    found = np.empty(sst.shape[1:])
    rows = max(1, 2**28 // (sst.shape[0] * sst.shape[2] * 4))
    for first in range(0, sst.shape[1], rows):
        block = sst[:, first : first + rows]
        rank = int(np.ceil(SHARE * sst.shape[0])) - 1
        block.partition(rank, axis=0)
        found[first : first + rows] = block[rank]
    found[found == FILL] = np.nan  # here a point is missing always or never
    return found


def by_hand_statistics(paths: list[str], out: str) -> None:
    files = [variable(path) for path in paths]
    with netCDF4.Dataset(out, "w") as new:
        for name, size in zip(files[0].dimensions, files[0].shape, strict=True):
            new.createDimension(name, size)
        made = [new.createVariable(name, "f4", files[0].dimensions) for name in ("mean", "spread", "probability")]
        for first in range(0, files[0].shape[0], 5):
            block = np.stack([file[first : first + 5] for file in files])
            block[block == FILL] = np.nan  # here a point is missing in all members or in none
            mean = block.mean(axis=0, dtype=float)
            spread = np.sqrt(np.square(block - mean).mean(axis=0))
            share = np.where(np.isnan(mean), np.nan, (block > THRESHOLD).mean(axis=0))
            for to, values in zip(made, (mean, spread, share), strict=True):
                to[first : first + 5] = values


WAYS: dict[str, dict[str, Callable]] = {
    "climatology": {"ours": one_pass, "xarray": plain, "xarray without flox": without_flox, "iris": by_iris, "numpy": by_hand},
    "anomaly": {"ours": anomaly, "xarray": plain_anomaly, "iris": iris_anomaly, "numpy": by_hand_anomaly},
    "quantile": {
        "ours": lambda path: extremes.quantile(field(path), SHARE).values,
        "xarray": plain_quantile,
        "iris": iris_quantile,
        "numpy": by_hand_quantile,
    },
    "ensemble": {"ours": statistics, "xarray": plain_statistics, "iris": iris_statistics, "numpy": by_hand_statistics},
}


def run(task: str, way: str, inputs: list[str], out: str) -> dict[str, float]:
    """Do it, save the result where it is an array, and say what it took."""
    dask.config.set(num_workers=int(os.environ.get("WORKERS", CORES)))
    warnings.simplefilter("ignore")
    field(inputs[0]).isel(time=0).compute()  # what is imported late is imported now
    if way == "iris":
        iris_months(inputs[0])
    if way == "compiled":
        LEVERS[way](inputs[0])
    action = LEVERS[way] if task == "lever" else WAYS[task.split(maxsplit=1)[0]][way]
    given: list[object] = [inputs if task == "ensemble" else inputs[0]]
    given += task.split()[1:] if task.startswith("climatology") else [out] if task in ("anomaly", "ensemble") else []
    cpu, start = time.process_time(), time.perf_counter()
    result = action(*given)
    took = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    if result is not None:
        np.save(out, result)
    return took


KEEP = {"MALLOC_TRIM_THRESHOLD_": 2**33, "MALLOC_MMAP_THRESHOLD_": 2**30}
"""For the C library: keep memory that is freed, or each chunk is paid for in page faults. distributed tells that of its workers to
give all back."""


def fastest(once: Callable[[], dict[str, float]]) -> dict[str, float]:
    """The fastest of as many runs as TIMES says; where there is more than one, the first does not count."""
    times = int(os.environ.get("TIMES", "1"))
    runs = [once() for _ in range(times)]
    return min(runs[times > 1 :], key=lambda took: took["seconds"])


def main() -> None:
    task, way, *inputs, out = sys.argv[1:]
    if workers := os.environ.get("PROCESSES"):
        from distributed import Client, LocalCluster  # noqa: PLC0415

        if saturation := os.environ.get("SATURATION"):
            dask.config.set({"distributed.scheduler.worker-saturation": float(saturation)})
        if os.environ.get("KEEP"):
            dask.config.set({f"distributed.nanny.pre-spawn-environ.{name}": size for name, size in KEEP.items()})
        with (
            LocalCluster(n_workers=int(workers), threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            client.run(lambda: field(inputs[0]).isel(time=0).values[0, 0])

            def on_workers() -> dict[str, float]:
                before = sum(client.run(time.process_time).values())
                took = run(task, way, inputs, out)
                return {**took, "cpu": took["cpu"] + sum(client.run(time.process_time).values()) - before}

            print(json.dumps(fastest(on_workers)))
    else:
        print(json.dumps(fastest(lambda: run(task, way, inputs, out))))


if __name__ == "__main__":
    main()
