"""The walk: every time once, in order, one chunk in memory at once, on whichever scheduler."""

import threading

import dask
import dask.array as da
import numpy as np
import pytest
import xarray as xr

from examples import one_pass


def numbers(chunks, size=20) -> xr.DataArray:
    return xr.DataArray(da.arange(size, chunks=chunks)[:, None] * np.ones((1, 3)), dims=("time", "x"))


def empty():
    return (np.zeros(3), [])


def remember(state, block, labels):
    state[0][:] += block.sum(axis=0)
    state[1].extend(labels.tolist())


@pytest.mark.parametrize("chunks", [1, 3, 20, (7, 13)])
@pytest.mark.parametrize("parts", [1, 2, 3, 50])
def test_each_time_once_and_in_order(chunks, parts):
    field = numbers(chunks)
    states = dask.compute(*one_pass.walk(field, np.arange(20), empty, remember, parts))
    assert len(states) == min(parts, field.data.numblocks[0])
    assert [label for state in states for label in state[1]] == list(range(20))
    assert sum(state[0] for state in states).tolist() == [190] * 3


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_on_each_scheduler(scheduler):
    with dask.config.set(scheduler=scheduler, num_workers=3):
        assert len(dask.compute(*one_pass.walk(numbers(2), np.arange(20), empty, remember))) == 3


def test_on_a_cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.Client(processes=False, n_workers=2, threads_per_worker=1, dashboard_address=None):
        states = dask.compute(*one_pass.walk(numbers(2), np.arange(20), empty, remember))
        assert len(states) == 2
        assert sum(state[0] for state in states).tolist() == [190] * 3


def test_one_chunk_at_a_time_is_alive():
    alive, most, lock = 0, 0, threading.Lock()

    class Counted(np.ndarray):
        def __del__(self):
            nonlocal alive
            if self.base is None or not isinstance(self.base, Counted):
                with lock:
                    alive -= 1

    def load(block):
        nonlocal alive, most
        with lock:
            alive += 1
            most = max(most, alive)
        return block.copy().view(Counted)

    field = numbers(1)
    field = field.copy(data=field.data.map_blocks(load, dtype=float, meta=np.ones((1, 3))))
    most = 0
    parts = one_pass.walk(
        field, np.arange(20), lambda: (np.zeros(3),), lambda state, block, _: np.add(state[0], np.asarray(block)[0], state[0]), 2
    )
    dask.compute(*parts)
    assert 1 <= most <= 4  # two parts, and of each the chunk that is just let go


def test_what_is_in_memory_and_what_lies_in_chunks_of_space():
    plain = numbers(20).compute()
    for field in (plain, plain.chunk(time=6, x=1)):
        states = dask.compute(*one_pass.walk(field, np.arange(20), empty, remember, 2))
        assert sum(state[0] for state in states).tolist() == [190] * 3


def test_what_has_no_chunks_is_cut_into_some():
    with dask.config.set({"array.chunk-size": "480B"}):  # 24 bytes a time
        states = dask.compute(*one_pass.walk(numbers(100, 100).compute(), np.arange(100), empty, remember, 100))
    assert len(states) == 5


def test_the_count_of_true_beyond_what_a_byte_holds():
    true = np.ones((700, 2), bool)
    true[:, 1] = False
    assert one_pass.count(true, np.dtype("uint16")).tolist() == [700, 0]
