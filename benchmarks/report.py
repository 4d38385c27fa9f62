"""The table of the examples at scale, from what `scale.py` measured: ``python -m benchmarks.report`` writes EXAMPLES.md again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Run = dict[str, Any]
LAYOUTS = {
    "nc": "NetCDF, plain",
    "years": "NetCDF, a file a year",
    "zlib.nc": "NetCDF, zlib",
    "zarr": "Zarr, plain",
    "zstd.zarr": "Zarr, zstd",
    "shard.zarr": "Zarr, zstd, ten chunks in a shard",
    "members": "13 NetCDF files",
}
TASKS = {
    "climatology month": "monthly climatology",
    "climatology month undecoded": "monthly climatology, undecoded",
    "climatology day": "daily climatology",
    "anomaly": "climatology, anomalies written",
    "quantile": "95th percentile",
    "ensemble": "mean, spread, probability written",
}
TWO = "ours, PROCESSES=2, KEEP=1"
WAYS = {TWO: "ours, two processes"}
LEVERS = {
    "one pass": "the walk of `examples/one_pass.py`: threads, chunks of 30 days",
    "xarray": "Xarray's `groupby`, as it comes (flox)",
    "xarray map-reduce": "the same, flox told to reduce each chunk first",
    "xarray without flox": "the same, without flox",
    "chunks of 5 days": "chunks of 5 days (1.6 MB)",
    "chunks of 240 days": "chunks of 240 days (75 MB)",
    "h5netcdf": "read by h5netcdf in place of netCDF4",
    "undecoded": "values not decoded: what is missing is left out of the sums",
    "mapped": "the file's bytes mapped to memory, past HDF5",
    "compiled": "the sums in a loop compiled by Numba",
    "single": "summed in single precision",
    "virtual": "read as a virtual Zarr store (kerchunk), past HDF5",
    "one pass, KEEP=1": "malloc told to keep what is freed",
    "one pass, NUMPY_MADVISE_HUGEPAGE=0": "without huge pages",
    "one pass, PROCESSES=2": "two processes of distributed in place of two threads",
    "one pass, PROCESSES=2, KEEP=1": "the same, their malloc told to keep what is freed",
    "xarray without flox, PROCESSES=2": "`groupby` without flox on two processes",
    "xarray without flox, PROCESSES=2, SATURATION=inf": "the same, worker saturation off (as before 2022)",
}


class Measured:
    """All runs, by what they measured."""

    def __init__(self, runs: list[Run]) -> None:
        self.runs = runs

    def of(self, size: int, layout: str, task: str, way: str) -> list[Run]:
        """All runs of one way of a case."""
        return [run for run in self.runs if (run["size"], run["layout"], run["task"], run["way"]) == (size, layout, task, way)]

    def best(self, size: int, layout: str, task: str, way: str) -> Run | None:
        """The fastest right run, with the processor seconds and the peak of the least."""
        right = [run for run in self.of(size, layout, task, way) if run.get("right", True)]
        if not right:
            return None
        least = {name: min(run[name] for run in right) for name in ("seconds", "whole", "cpu") if name in right[0]}
        return {**right[0], **least, "peak": max(run.get("peak", 0) for run in right), "times": len(right)}

    def cases(self) -> Iterator[tuple[int, str, str]]:
        """Size, layout and task of everything but the levers and the reading alone."""
        told = {(run["size"], run["layout"], run["task"]): None for run in self.runs if run["task"] in TASKS}
        yield from told

    def ours(self, size: int, layout: str, task: str) -> Run | None:
        """The better of threads and processes."""
        both = [self.best(size, layout, task, way) for way in ("ours", TWO)]
        return min((run for run in both if run), key=lambda run: run["seconds"], default=None)

    def theirs(self, size: int, layout: str, task: str, way: str) -> Run | None:
        """Another's; of a Zarr store, which they cannot read, on NetCDF with the same values."""
        twin = {"zarr": "nc", "zstd.zarr": "zlib.nc"}.get(layout, layout)
        return self.best(size, twin, task, way)


def verdict(figure: str, well: bool) -> str:
    return f"**{figure}** | {'reached' if well else 'not reached'}"


def goals(measured: Measured) -> Iterator[str]:
    """The rows of what was to be reached."""
    for size, layout, task in measured.cases():
        ours = measured.ours(size, layout, task)
        what = f"{TASKS[task]}, {size} GB, {LAYOUTS[layout]}"
        if ours and (iris := measured.theirs(size, layout, task, "iris")):
            share = ours["seconds"] / iris["seconds"]
            yield f"| {what}: of Iris | below 1 | {verdict(f'{share:.2f}', share < 1)} |"
    for size, layout, task in measured.cases():
        ours, cdo = measured.ours(size, layout, task), measured.theirs(size, layout, task, "cdo")
        if ours and cdo:
            one_pass = layout in ("nc", "zarr") and task.startswith(("climatology", "anomaly"))
            limit, goal = (1.5, "at most 1.5") if one_pass else (1, "below 1")
            share = ours["seconds"] / cdo["seconds"]
            yield f"| {TASKS[task]}, {size} GB, {LAYOUTS[layout]}: of CDO | {goal} | {verdict(f'{share:.2f}', share <= limit)} |"
    sizes = sorted({size for size, *_ in measured.cases()})
    for layout, task in dict.fromkeys((layout, task) for size, layout, task in measured.cases()):
        small, large = (measured.best(size, layout, task, "ours") for size in (sizes[0], sizes[-1]))
        if small and large and len(sizes) > 1:
            share = large["peak"] / small["peak"]
            what = f"{TASKS[task]}, {LAYOUTS[layout]}: peak memory at {sizes[-1]} GB, of that at {sizes[0]} GB"
            yield f"| {what} | at most 1.3 | {verdict(f'{share:.2f}', share <= 1.3)} |"


def table(measured: Measured) -> Iterator[str]:
    """Every way of every case."""
    for size, layout, task in measured.cases():
        reading = measured.best(size, layout, "read", "warm")
        cdo = measured.theirs(size, layout, task, "cdo")
        ways = dict.fromkeys(
            run["way"] for run in measured.runs if (run["size"], run["layout"], run["task"]) == (size, layout, task)
        )
        for way in ways:
            best = measured.best(size, layout, task, way)
            if best is None or reading is None:
                short = any("short" in run for run in measured.of(size, layout, task, way))
                said = "more memory than there is" if short else "a wrong answer"
                yield f"| {size} GB | {LAYOUTS[layout]} | {TASKS[task]} | {WAYS.get(way, way)} | {said} | | | | | |"
                continue
            of_cdo = f"{best['seconds'] / cdo['seconds']:.2f}" if cdo else ""
            error = f"{best['error']:.0e}" if best.get("error") else "0" if "error" in best else "reference"
            yield (
                f"| {size} GB | {LAYOUTS[layout]} | {TASKS[task]} | {WAYS.get(way, way)} | {best['seconds']:.2f} s | {of_cdo} | "
                f"{best['seconds'] / reading['seconds']:.0f} | {best['whole']:.1f} s | {best['peak'] / 2**30:.2f} GiB | {error} |"
            )


def reading(measured: Measured) -> Iterator[str]:
    for size, layout in dict.fromkeys((run["size"], run["layout"]) for run in measured.runs):
        cold, warm = (measured.best(size, layout, "read", way) for way in ("cold", "warm"))
        if cold and warm:
            rate = warm["stored"] / 1e9 / warm["seconds"]
            sizes = f"| {size} GB | {LAYOUTS[layout]} | {warm['stored'] / 1e9:.2f} GB |"
            yield f"{sizes} {cold['seconds']:.2f} s | {warm['seconds']:.2f} s | {rate:.1f} GB/s |"


KINDS = {
    "threads": "threads of one process",
    "workers": "workers, as distributed starts them",
    "workers that keep": "workers, their malloc told to keep what is freed",
}


def workers(cases: list[dict[str, Any]]) -> Iterator[str]:
    """Two against one, of each kind, and what two gain that share nothing."""
    for case in cases:
        what = f"{TASKS[case['task']]}, {case['size']} GB, {LAYOUTS[case['layout']]}"
        for kind, said in KINDS.items():
            one, two = case["seconds"][kind]
            gained = verdict(f"{one / two:.2f}", round(one / two, 2) >= 1.8)
            yield f"| {what} | {said} | {one:.2f} s | {two:.2f} s | {gained} | {case['limit']:.2f} |"


def levers(measured: Measured) -> Iterator[str]:
    """What was tried, against the walk as it is."""
    for layout, name in LAYOUTS.items():
        tried = dict.fromkeys(
            (run["size"], run["way"]) for run in measured.runs if (run["task"], run["layout"]) == ("lever", layout)
        )
        for size, way in tried:
            base = measured.best(size, layout.replace("shard", "zstd"), "lever", "one pass")
            best = measured.best(size, layout, "lever", way)
            if base and best:
                yield (
                    f"| {name} | {LEVERS[way]} | {best['seconds'] / base['seconds']:.2f} | "
                    f"{best['cpu'] / base['cpu']:.2f} | {best['peak'] / 2**30:.2f} GiB | "
                    f"{best.get('error', 0):.0e} |"
                )


def write(source: Path, out: Path) -> None:
    """Write the page."""
    found = json.loads(source.read_text(encoding="utf-8"))
    measured = Measured(found["runs"])
    rows = {
        name: "\n".join(part(measured))
        for name, part in (("goals", goals), ("table", table), ("reading", reading), ("levers", levers))
    }
    rows["workers"] = "\n".join(workers(found["workers"]))
    rows["two"] = "\n".join(f"| {kind} | {gain:.2f} |" for kind, gain in found["two"]["gains"].items())
    text = f"""# What the examples cost at scale

Measured by `make bench-examples` on {found["date"]}: {found["machine"]}, {found["versions"]}.

The field is synthetic: daily, made from OSTIA's months, 180 by 432 points of which a quarter is land, in single precision;
nine years are a gigabyte. All ways of a case read the same file, in turn, with the file in the page cache when they begin; the
figure is the better of two runs at 1 and at 4 GB, and one run at 16 GB. What would have left the system less than a gigabyte of
memory was stopped, and has no time. Ours, Xarray, Iris and NumPy are timed from opening the file to the
result; CDO and NCO from the start of the command to its end. The column *whole* has the start of Python and its imports in
it, and that of two processes where there are any. CDO and NCO do not read Zarr version 3: beside a store stands their time on
the NetCDF file of the same values. An answer that is not that of the sum in double precision counts as wrong and has no time;
*error* is its largest difference.

## What was to be reached

| what | goal | figure | |
| --- | --- | --- | --- |
{rows["goals"]}

## Two, against one

Two were to be at least 1.8 times as fast as one. What Dask calls a worker is a process; here each has one thread. The figure is the
ratio of the fastest of seven runs each at 1 GB, of four at 4 GB, after one that does not count. As distributed starts them, workers
give what they free back to the system at once, and pay for it again with each chunk: they are the slowest. Two lines of
configuration take that away (`distributed.nanny.pre-spawn-environ`, MALLOC_TRIM_THRESHOLD_ and MALLOC_MMAP_THRESHOLD_). *Undecoded*
is one argument more where the file is opened, `mask_and_scale=False`. The last column is what two processes gain that do the same
work at 1 GB, malloc told to keep, each on a file of its own, and share nothing but the machine. Where that is below 1.8, the two
already wait for one memory, and workers cannot be asked for more; those as distributed starts them may gain more all the same,
because each first loses time by itself. Measured on {found["two"]["date"]}.

| what | two of | one takes | two take | two, against one | | sharing nothing |
| --- | --- | --- | --- | --- | --- | --- |
{rows["workers"]}

## What a second core gives at all

Two processes that share nothing but the machine, each with the work of the one: how many times as much they do in its time. No way
to the same result gains more by a second core than what it waits for allows. Measured on the same day.

| work | two, against one |
| --- | --- |
{rows["two"]}

## Reading the bytes alone

| size | layout | stored | cold | warm | warm |
| --- | --- | --- | --- | --- | --- |
{rows["reading"]}

## Every run

| size | layout | task | way | time | of CDO | of reading warm | whole | peak memory | error, K |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
{rows["table"]}

## What was tried: the monthly climatology of 1 GB

Time and processor time are of those of the first row of a layout; each is the least of five runs.

| layout | what | time | processor time | peak memory | error, K |
| --- | --- | --- | --- | --- | --- |
{rows["levers"]}
"""
    out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    write(HERE / "examples.json", HERE / "EXAMPLES.md")
