"""What a second processor gives at all: two processes that share nothing but the machine, against one.

A program that computes on two cores cannot gain more than these. ``python -m benchmarks.two`` measures them alone;
``python -m benchmarks.two TASK INPUT COPY`` measures a task of `ways.py` in the same manner, each process on a file of its own.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing.synchronize import Barrier

import numpy as np

REPEATS = 5


def _arithmetic() -> Callable[[], object]:
    """Sums of 16 kB, which stay in a core's own cache."""
    small, total = np.ones(2000), np.zeros(2000)
    return lambda: [np.add(small, total, out=total) for _ in range(600_000)]


def _inflate() -> Callable[[], object]:
    """Zlib of 256 kB of whole numbers with noise, as packed values of a field are."""
    values = (np.cumsum(np.random.default_rng(0).integers(-8, 9, 128_000)) % 4096).astype(np.int16)
    packed = zlib.compress(values.tobytes(), 1)
    return lambda: [zlib.decompress(packed) for _ in range(500)]


def _memory() -> Callable[[], object]:
    """Sums of 400 MB, which no cache holds."""
    large = np.ones(100_000_000, dtype=np.float32)
    return lambda: [large.sum() for _ in range(20)]


def _task(task: str, path: str) -> Callable[[], object]:
    """A task of the examples on a file, in this one thread."""
    import dask  # noqa: PLC0415  what is above needs NumPy only

    from benchmarks.ways import WAYS  # noqa: PLC0415

    dask.config.set(scheduler="synchronous", num_workers=1)
    name, *more = task.split()
    return partial(WAYS[name]["ours"], path, *more)


KINDS = {
    "arithmetic within a core's cache": _arithmetic,
    "zlib, inflating 256 kB at a time": _inflate,
    "summing 400 MB, over and over": _memory,
}


_shared: list[Barrier] = []


def _begin(ready: Barrier) -> None:
    _shared.append(ready)


type Make = Callable[[], Callable[[], object]]
"""Makes what is timed, in the process that runs it."""


def _work(make: Make) -> list[float]:
    """The seconds of each round, which all processes begin together."""
    run, took = make(), []
    run()
    for _ in range(REPEATS):
        _shared[0].wait()
        start = time.perf_counter()
        run()
        took.append(time.perf_counter() - start)
    return took


def seconds(*makes: Make) -> float:
    """How long the slowest takes, at the best of the rounds, where each runs in a process of its own, in s."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(len(makes))
    with ProcessPoolExecutor(len(makes), context, _begin, (ready,)) as pool:
        # Whoever has work waits for the others, so that each of them gets one.
        rounds = zip(*pool.map(_work, makes), strict=True)
        return min(map(max, rounds))


def gain(one: Make, other: Make) -> float:
    """How many times as much two processes do in the time of one, which is measured before and after: a machine has its moods."""
    before, both, after = seconds(one), seconds(one, other), seconds(one)
    return 2 * min(before, after) / both


def main() -> None:
    if sys.argv[1:]:
        task, one, other = sys.argv[1:]
        print(f"{gain(partial(_task, task, one), partial(_task, task, other)):.2f}  {task}")
    else:
        for name, make in KINDS.items():
            print(f"{gain(make, make):.2f}  {name}")


if __name__ == "__main__":
    main()
