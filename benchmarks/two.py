"""What a second processor gives at all: two processes that share nothing but the machine, against one.

A program that computes on two cores cannot gain more than these. ``python -m benchmarks.two`` measures them alone.
"""

from __future__ import annotations

import multiprocessing
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
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


KINDS = {
    "arithmetic within a core's cache": _arithmetic,
    "zlib, inflating 256 kB at a time": _inflate,
    "summing 400 MB, over and over": _memory,
}


_shared: list[Barrier] = []


def _begin(ready: Barrier) -> None:
    _shared.append(ready)


def _work(kind: str) -> list[float]:
    """The seconds of each round, which all processes begin together."""
    run, took = KINDS[kind](), []
    run()
    for _ in range(REPEATS):
        _shared[0].wait()
        start = time.perf_counter()
        run()
        took.append(time.perf_counter() - start)
    return took


def seconds(kind: str, processes: int) -> float:
    """How long the slower of so many processes takes for the same work each, at the best of the rounds, in s."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(processes)
    with ProcessPoolExecutor(processes, context, _begin, (ready,)) as pool:
        # Whoever has work waits for the others, so that each of them gets one.
        rounds = zip(*pool.map(_work, [kind] * processes), strict=True)
        return min(map(max, rounds))


def gains() -> dict[str, float]:
    """For each kind of work: how many times as much two processes do in the time of one."""
    return {kind: 2 * seconds(kind, 1) / seconds(kind, 2) for kind in KINDS}


if __name__ == "__main__":
    for name, gain in gains().items():
        print(f"{gain:.2f}  {name}")
