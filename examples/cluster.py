"""What a demonstration does before it starts Dask and after, and the cluster that the visit names.

No log lines, and nothing left behind. The environment variable TALK_CLUSTER holds, as JSON, how the cells reach Dask; without
it they start two workers on this machine.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dask
import psutil

if TYPE_CHECKING:
    from distributed import Client

LOGGERS = ("distributed", "distributed.client", "distributed.http", "tornado", "tornado.application", "asyncio")

_folders: list[tempfile.TemporaryDirectory[str]] = []


def prepare() -> Path:
    """Silence Dask's logs and give it a temporary folder for its files; return that folder. Change nothing else of it.

    Call it before `distributed` is imported. The settings go through the environment, so that schedulers and workers
    started as processes have them too. The demonstrations kill processes on purpose; what that does is shown on the
    slide, not in a log.
    """
    folder = tempfile.TemporaryDirectory(prefix="dask-talk-")
    _folders.append(folder)
    os.environ["DASK_TEMPORARY_DIRECTORY"] = folder.name
    # Dask reads a value of the environment as a Python literal where it can.
    os.environ["DASK_LOGGING"] = repr(dict.fromkeys(LOGGERS, "critical"))
    dask.config.refresh()
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return Path(folder.name)


def finish() -> None:
    """Remove the folders of `prepare`, and check that every process that this one started is gone.

    Raises
    ------
    RuntimeError
        A process still runs; the message names it.
    """
    gc.collect()
    # Python keeps this helper process until it exits; it holds a notebook's output open and so delays its end.
    resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]
    _, alive = psutil.wait_procs(psutil.Process().children(recursive=True), timeout=5)
    while _folders:
        _folders.pop().cleanup()
    if alive:
        names = "; ".join(" ".join(process.cmdline()) for process in alive)
        raise RuntimeError(f"still running: {names}. Close the cluster in the cell that starts it.")


PATIENCE = 100
"""Seconds that a cluster has to answer, and its workers to come."""
OWN_SCHEDULER = ("local", "slurm", "pbs")
"""The kinds of cluster whose scheduler runs in this process, under the configuration that is set here."""


class NoCluster(Exception):  # noqa: N818  what is missing is the cluster, and the traceback's last line should read so
    """The visit's cluster cannot be reached; the message says which line of the visit file to look at."""


def kind() -> str:
    """Which kind of cluster the visit names: local, address, slurm, pbs or gateway."""
    return str(_told().get("kind", "local"))


@contextmanager
def connect() -> Iterator[Client]:
    """A client of the cluster that the visit names, with its workers there; gone at the end, and what was started with it.

    It is made by Dask's own classes, with the keyword arguments and the configuration that the visit gives them.

    Raises
    ------
    NoCluster
        It does not answer in time, refuses, or gets no worker.
    """
    told = _told()
    with dask.config.set(told.get("config") or {}), warnings.catch_warnings(), ExitStack() as stack:
        # What they warn of would stand on the slide.
        warnings.simplefilter("ignore")
        try:
            with _at_most(1.2 * PATIENCE):  # longer than the wait for workers, whose own message says more
                client = stack.enter_context(_STARTS[kind()](told))
                client.wait_for_workers(1 if kind() == "address" else told.get("workers", 2), timeout=PATIENCE)
                _check_releases(client)
        except Exception as error:
            reason = " ".join(str(error).split())[:300] or type(error).__name__
            if isinstance(error, TimeoutError) and kind() in ("slurm", "pbs") and reason.startswith("Only"):
                reason += " s; look at the queue (squeue or qstat), and at [cluster.options]"
            raise NoCluster(
                f"the cluster of the kind {kind()!r} that the visit names in [cluster] cannot be used: {reason}"
            ) from None
        yield client


def described(client: Client) -> str:
    """On what a client's work runs: how many workers, threads and machines, and which release of Dask; no name of a machine."""
    import distributed  # noqa: PLC0415  `prepare` has to come before it

    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    threads, machines = ({worker[fact] for worker in workers} for fact in ("nthreads", "host"))
    each = "1 thread" if threads == {1} else f"{' or '.join(map(str, sorted(threads)))} threads"
    place = "this machine" if kind() == "local" else f"{len(machines)} machine{'s' if len(machines) > 1 else ''}"
    name = {"slurm": "SLURM, ", "pbs": "PBS, ", "gateway": "Dask Gateway, "}.get(kind(), "")
    return f"{name}{len(workers)} worker{'s' if len(workers) != 1 else ''} of {each}, {place}, Dask {distributed.__version__}"


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """End what takes longer. Not everything here has a time limit of its own: a server may take a connection and say nothing."""

    def end(*_: object) -> None:
        raise TimeoutError(f"no answer in {seconds:.0f} s; look at the address, and at who answers there")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _check_releases(client: Client) -> None:
    """Refuse another release of what has to be the same on both sides; Dask itself only warns."""
    told: Any = client.get_versions()
    here = told["client"]["packages"]
    others = {
        f"{name} {there['packages'][name]} there, {here[name]} here"
        for there in (told["scheduler"], *told["workers"].values())
        for name in ("python", "dask", "distributed")
        if there["packages"][name] != here[name]
    }
    if others:
        raise OSError(f"other releases: {'; '.join(sorted(others))}; build with those that the cluster has")


def _told() -> dict[str, Any]:
    """What the visit says. The build runs a page again when that has changed."""
    sys.audit("visit.read", "cluster")
    told: dict[str, Any] = json.loads(os.environ.get("TALK_CLUSTER") or "{}")
    return told


@contextmanager
def _local(told: dict[str, Any]) -> Iterator[Client]:
    from distributed import Client, LocalCluster  # noqa: PLC0415

    given = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", **told.get("options", {})}
    with LocalCluster(n_workers=told.get("workers", 2), **given) as local, Client(local) as client:
        yield client


@contextmanager
def _queue(told: dict[str, Any]) -> Iterator[Client]:
    import dask_jobqueue  # noqa: PLC0415
    from distributed import Client, Status  # noqa: PLC0415

    cluster = {"slurm": dask_jobqueue.SLURMCluster, "pbs": dask_jobqueue.PBSCluster}[told["kind"]]
    command = {"slurm": "sbatch", "pbs": "qsub"}[told["kind"]]
    if shutil.which(command) is None:
        raise OSError(f"there is no {command} here; build where jobs can be submitted, or take the table out")

    class Job(cluster.job_cls):  # type: ignore[misc, name-defined]
        async def close(self) -> None:
            # dask-jobqueue leaves the status as it was. distributed then raises AssertionError in place of any other error.
            await super().close()
            self.status = Status.closed

    given = {"job_cls": Job, **told.get("options", {})}
    with cluster(**given) as queued, Client(queued) as client:
        queued.scale(told.get("workers", 2))
        yield client


@contextmanager
def _gateway(told: dict[str, Any]) -> Iterator[Client]:
    from dask_gateway import GatewayCluster  # noqa: PLC0415

    with GatewayCluster(address=told["address"], **told.get("options", {})) as cluster:
        cluster.scale(told.get("workers", 2))
        with cluster.get_client() as client:
            yield client


@contextmanager
def _address(told: dict[str, Any]) -> Iterator[Client]:
    from distributed import Client  # noqa: PLC0415

    with Client(told["address"], timeout=min(20, PATIENCE), **told.get("options", {})) as client:
        yield client


_STARTS: dict[str, Callable[[dict[str, Any]], AbstractContextManager[Client]]] = {
    "local": _local,
    "address": _address,
    "slurm": _queue,
    "pbs": _queue,
    "gateway": _gateway,
}
