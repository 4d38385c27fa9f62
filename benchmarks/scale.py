"""Measure the examples at scale beside CDO, NCO, Iris, and NumPy: ``python -m benchmarks.scale`` writes examples.json.

Every way runs in a process of its own on the same files, the ways in turn in one run. What is computed is compared with a sum in
double precision, and no time counts for a wrong answer. What counts is the ratio.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import xarray as xr

from benchmarks.report import TWO
from benchmarks.ways import CORES, DAYS, FILL, KEEP, SHARE, THRESHOLD, groups
from examples import synthetic

HERE = Path(__file__).parent
YEARS = {0: 4, 1: 9, 4: 35, 16: 141, 64: 564}
"""How many years of the daily field are so many GB."""
MEMBERS = 13
LIMIT = {"climatology": 2e-3, "anomaly": 2e-3, "quantile": 5e-2, "ensemble": 2e-3, "lever": 2e-3}
"""How far an answer may be from the one in double precision, K (or a share)."""
SPARE = 2**30
"""Bytes of memory that are left to the system: a way that needs them too is stopped."""
REPEATS = {0: 1, 1: 2, 4: 2, 16: 1, 64: 1}
PYTHON = [sys.executable, "-m", "benchmarks.ways"]
Run = dict[str, Any]


def make(folder: Path, size: int, layout: str) -> list[Path]:
    """The files of a layout: of `members`, one a member; of `years`, one a year."""
    days = xr.date_range("1860-01-01", f"{1859 + YEARS[size]}-12-31", freq="D")
    if layout == "members":
        paths = [folder / f"member{number:02}.nc" for number in range(MEMBERS)]
        for number, path in enumerate(paths):
            # Each as HDF5 in one piece.
            synthetic.daily(days[: len(days) // MEMBERS], number).to_netcdf(path, encoding={"sst": {"_FillValue": FILL}})
        return paths
    path, field = folder / f"field.{layout}", synthetic.daily(days)
    if layout == "years":
        for year, part in field.groupby("time.year"):
            encoding = {"sst": {"_FillValue": FILL}, "time": {"units": "days since 1860-01-01"}}
            part.to_netcdf(folder / f"year{year}.nc", encoding=encoding)
        return [folder / "year*.nc"]
    packed = {"zlib": True, "complevel": 1, "shuffle": True, "chunksizes": (1, *field.shape[1:])} if layout == "zlib.nc" else {}
    if layout.endswith("nc"):
        field.to_netcdf(path, encoding={"sst": {"_FillValue": FILL, **packed}})
    else:
        stored = {"zarr": {"compressors": None}, "shard.zarr": {"shards": (300, *field.shape[1:])}}.get(layout, {})
        chunked = field.chunk(time=300) if "shards" in stored else field
        chunked.to_zarr(path, encoding={"sst": {"chunks": (DAYS, *field.shape[1:]), **stored}}, consolidated=False)
    return [path]


def files(paths: list[Path]) -> list[Path]:
    """The files of a list in which a name may be a pattern."""
    return [file for path in paths for file in (sorted(path.parent.glob(path.name)) if "*" in path.name else [path])]


def cdo(task: str, inputs: list[Path], out: Path) -> list[list[str]]:
    """The commands of CDO for a task."""
    given = [str(path) for path in files(inputs)]
    one = given if len(given) == 1 else ["-cat", "[", *given, "]"]
    commands = {
        "climatology month": [["ymonmean", *one, str(out)]],
        "climatology day": [["ydaymean", *one, str(out)]],
        "anomaly": [["ymonsub", *one, "-ymonmean", *one, str(out)]],
        "quantile": [[f"timpctl,{100 * SHARE:.0f}", *one, "-timmin", *one, "-timmax", *one, str(out)]],
        "ensemble": [
            ["ensmean", *given, f"{out}.mean"],
            ["ensstd", *given, f"{out}.spread"],
            ["ensmean", f"-apply,-gtc,{THRESHOLD}", "[", *given, "]", f"{out}.probability"],
        ],
    }
    return [["cdo", "-s", "-O", *command] for command in commands[task]]


def nco(inputs: list[Path], out: Path) -> list[list[str]]:
    """NCO's monthly climatology: for each month one command, told which times belong to it."""
    months = groups(str(inputs[0]), "month")
    commands = []
    for month in range(1, 13):
        times = np.flatnonzero(months == month)
        stretches = np.split(times, np.flatnonzero(np.diff(times) > 1) + 1)
        slabs = [part for stretch in stretches for part in ("-d", f"time,{stretch[0]},{stretch[-1]}")]
        commands.append(["ncwa", "-O", "-h", "--dbl", "-a", "time", "-v", "sst", *slabs, str(inputs[0]), f"{out}.{month:02}"])
    return commands


def timed(commands: list[list[str]], **environment: str) -> Run:
    """Run commands one after the other: wall, processor seconds, peak memory of all processes together; and what the last said.

    What needs more memory than there is is stopped before the system stops something else, and *short* then.
    """
    start, cpu, peak, said = time.perf_counter(), 0.0, 0, ""
    for command in commands:
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **environment}
        )
        ended = 0
        while not ended:
            ended, status, used = os.wait4(child.pid, os.WNOHANG)
            family = _family(child.pid)
            peak = max(peak, sum(_high_water(process.pid) for process in family))
            if psutil.virtual_memory().available < SPARE:
                for process in family:
                    process.kill()
                child.wait()
                return {"whole": time.perf_counter() - start, "peak": peak, "short": True, "right": False}
            time.sleep(0.01)
        said = child.stdout.read() if child.stdout else ""
        if status:
            raise SystemExit(f"{' '.join(command)[:200]} ended with status {status}")
        cpu += used.ru_utime + used.ru_stime
    return {"whole": time.perf_counter() - start, "cpu": cpu, "peak": peak, **json.loads(said or "{}")}


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _high_water(pid: int) -> int:
    """The most memory that a process has held so far, as the kernel keeps it, in bytes."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def answer(task: str, out: Path) -> list[np.ndarray]:
    """What a way has written, as arrays; of what is as long as the input, every hundredth time."""
    if (saved := out.with_name(out.name + ".npy")).exists():
        return [np.load(saved)]
    if (parts := sorted(out.parent.glob(f"{out.name}.[01]*"))) and task.startswith("climatology"):
        return [np.stack([xr.open_dataset(part, decode_times=False).sst.values for part in parts])]
    if task == "ensemble":
        names = ("mean", "spread", "probability")
        if out.exists():
            found = xr.open_dataset(out)
            return [found[name][::100].values for name in names]
        return [xr.open_dataset(f"{out}.{name}").sst[::100].values for name in names]
    how = {"engine": "zarr", "consolidated": False} if out.is_dir() else {"engine": "netcdf4"}
    with xr.open_dataset(out, decode_times=False, **how) as found:
        name = next(str(name) for name in found if found[name].ndim == 3)
        return [found[name][:: 100 if task == "anomaly" else 1].values]


def one(task: str, way: str, inputs: list[Path], folder: Path, wanted: list[np.ndarray] | None) -> tuple[Run, list[np.ndarray]]:
    """One run of one way, its result compared and removed."""
    out = folder / "out"
    out.mkdir()
    out = out / ("out.zarr" if task == "anomaly" and "zarr" in inputs[0].name else "out")
    environment = {}
    if way == "cdo":
        commands = cdo(task, inputs, out)
    elif way == "nco":
        commands = nco(inputs, out)
    else:
        name, *settings = way.split(", ")
        environment = dict(setting.split("=") for setting in settings)
        if "KEEP" in environment:
            environment |= {name: str(size) for name, size in KEEP.items()}
        commands = [[*PYTHON, task, name, *map(str, inputs), str(out)]]
    read(inputs, cold=False)  # what the way before has pushed out of the page cache is in it again
    try:
        took = timed(commands, **environment)
        found = [] if "short" in took else answer(task, out)
    finally:
        shutil.rmtree(folder / "out")
    took.setdefault("seconds", took["whole"])
    if wanted is not None and found:
        pairs = [(got.reshape(right.shape), right) for got, right in zip(found, wanted, strict=True)]
        took["error"] = max(float(np.nanmax(np.abs(got - right))) for got, right in pairs)
        same_gaps = all(np.array_equal(np.isnan(got), np.isnan(right)) for got, right in pairs)
        took["right"] = same_gaps and took["error"] <= LIMIT[task.split(maxsplit=1)[0]]
    return took, found


def read(paths: list[Path], cold: bool) -> Run:
    """The bytes alone, in pieces of 4 MiB into one buffer; cold: after the system has been told to forget them."""
    parts = [part for path in files(paths) for part in ([path] if path.is_file() else path.rglob("*")) if part.is_file()]
    for file in parts if cold else ():
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
            os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    buffer = bytearray(4 << 20)
    start, cpu = time.perf_counter(), time.process_time()
    for file in parts:
        with file.open("rb", buffering=0) as handle:
            while handle.readinto(buffer):
                pass
    return {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}


PLAN: dict[tuple[str, str], dict[int, list[str]]] = {
    # (layout, task): up to a size these ways. The first is the reference.
    ("nc", "climatology month"): {16: ["numpy", "ours", "cdo", "nco", "xarray without flox", "xarray", "iris"]},
    ("nc", "climatology day"): {16: ["numpy", "ours", "cdo", "iris"], 4: ["xarray"]},
    ("nc", "anomaly"): {16: ["numpy", "ours", "cdo", "iris"], 4: ["xarray"]},
    ("nc", "quantile"): {16: ["numpy", "ours", "cdo", "iris"], 4: ["xarray"]},
    ("years", "climatology month"): {16: ["ours", "cdo", "xarray without flox", "iris"]},
    ("zlib.nc", "climatology month"): {16: ["numpy", "ours", TWO, "cdo", "xarray without flox", "iris"], 4: ["nco"]},
    ("zlib.nc", "climatology day"): {16: ["numpy", "ours", "cdo", "iris"]},
    ("zlib.nc", "anomaly"): {16: ["ours", "cdo", "iris"], 4: ["numpy"]},
    ("zlib.nc", "quantile"): {16: [TWO, "cdo", "iris"]},
    ("zarr", "climatology month"): {16: ["ours", "xarray without flox"]},
    ("zarr", "climatology day"): {16: ["ours"]},
    ("zarr", "anomaly"): {16: ["ours"]},
    ("zarr", "quantile"): {16: ["ours"]},
    ("zstd.zarr", "climatology month"): {16: ["ours", "xarray without flox"]},
    ("zstd.zarr", "climatology day"): {16: ["ours"]},
    ("zstd.zarr", "anomaly"): {16: ["ours"]},
    ("zstd.zarr", "quantile"): {16: ["ours"]},
    ("members", "ensemble"): {16: ["numpy", "ours", "cdo", "iris"], 1: ["xarray"]},
}
LEVERS = {
    "nc": [
        *("one pass", "xarray", "xarray map-reduce", "xarray without flox", "chunks of 5 days", "chunks of 240 days", "h5netcdf"),
        *("undecoded", "mapped", "compiled", "single", "one pass, KEEP=1"),
        *("one pass, NUMPY_MADVISE_HUGEPAGE=0", "one pass, PROCESSES=2", "one pass, PROCESSES=2, KEEP=1"),
        *("xarray without flox, PROCESSES=2", "xarray without flox, PROCESSES=2, SATURATION=inf"),
    ],
    "zlib.nc": ["one pass", "h5netcdf", "virtual", "one pass, PROCESSES=2", "one pass, PROCESSES=2, KEEP=1"],
    "zarr": ["one pass", "chunks of 240 days"],
    "zstd.zarr": ["one pass", "chunks of 240 days"],
    "shard.zarr": ["one pass"],
}


def ways_at(size: int, ways: dict[int, list[str]]) -> list[str]:
    return [way for largest, named in ways.items() if size <= largest for way in named]


def measure(sizes: list[int], work: Path) -> Iterator[Run]:
    """Every run, layout after layout: the files of one are removed before the next are made."""
    for size in sizes:
        reference: dict[str, list[np.ndarray]] = {}
        for layout in ("nc", "years", "zlib.nc", "zarr", "zstd.zarr", "shard.zarr", "members"):
            if layout == "shard.zarr" and size > 1:
                continue
            folder = Path(tempfile.mkdtemp(dir=work))
            inputs = make(folder, size, layout)
            stored = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            told = {"size": size, "layout": layout, "stored": stored}
            for cold in (True, False, False):
                yield {**told, "task": "read", "way": "cold" if cold else "warm", **read(inputs, cold)}
            for task in (task for of, task in PLAN if of == layout):
                for _ in range(REPEATS[size]):
                    for way in ways_at(size, PLAN[layout, task]):
                        took, found = one(task, way, inputs, folder, reference.get(task))
                        reference.setdefault(task, found)
                        yield {**told, "task": task, "way": way, **took}
            for way in LEVERS.get(layout, ()) * (5 if size <= 1 else 0):
                took, _ = one("lever", way, inputs, folder, reference["climatology month"])
                yield {**told, "task": "lever", "way": way, **took}
            shutil.rmtree(folder)


def versions() -> str:
    """What ran."""
    said = subprocess.run(["cdo", "--version"], capture_output=True, text=True, check=True)
    of_cdo = re.search(r"version (\S+)", said.stdout + said.stderr)
    said = subprocess.run(["ncra", "--version"], capture_output=True, text=True, check=True)
    of_nco = re.search(r"ncra version (\S+)", said.stdout + said.stderr)
    names = ("numpy", "xarray", "dask", "zarr", "flox", "scitools-iris", "netcdf4", "h5netcdf")
    ours = ", ".join(f"{name} {version(name)}" for name in names)
    return f"CDO {of_cdo and of_cdo[1]}, NCO {of_nco and of_nco[1]}, Python {platform.python_version()}, {ours}"


def main() -> None:
    if lost := [name for name in ("cdo", "ncwa") if not shutil.which(name)]:
        sys.exit(f"there is no {' and no '.join(lost)} here to compare with; on Debian: apt-get install cdo nco")
    sizes = [int(size) for size in sys.argv[1:]] or [1, 4, 16]
    told: dict[str, Any] = {
        "date": f"{date.today():%d %B %Y}",
        "machine": f"{CORES} cores, {platform.system()} {platform.machine()}",
    }
    runs = []
    with tempfile.TemporaryDirectory() as work:
        for run in measure(sizes, Path(work)):
            runs.append(run)
            print(json.dumps(run), file=sys.stderr, flush=True)
            found = {**told, "versions": versions(), "runs": runs}
            (HERE / "examples.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
