"""The Dask Gateway of the segment clusters-within-limits: its limits, and that it ends with whoever started it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from aiohttp import ClientResponseError

from examples.services import ServiceError, gateway
from tests.systems.processes import left_in, processes_in

ROOT = Path(__file__).parents[2]
LIMITS = """
c.Backend.cluster_options = Options(Integer("worker_cores", default=1, min=1, max=2))
c.ClusterConfig.cluster_max_cores = 2
"""
STARTER = """
import sys
from pathlib import Path

from examples.services import gateway

with gateway.gateway(Path(sys.argv[1])) as door, gateway.user(door, "ana") as ana:
    started = ana.new_cluster()
    started.scale(1)
    with started.get_client() as client:
        client.wait_for_workers(1, timeout=60)
        print("up", flush=True)
        input()
"""


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """A gateway with limits; no process of it is left afterwards."""
    folder = tmp_path_factory.mktemp("gateway")
    with gateway.gateway(folder, LIMITS) as door:
        yield door, folder
    assert left_in(folder) == []


def status_of(refused):
    with pytest.raises(ClientResponseError) as raised:
        refused()
    return raised.value.status


def test_a_cluster_stays_within_its_limits_and_with_its_owner(door):
    door, folder = door
    with gateway.user(door, "ana") as ana, gateway.user(door, "ben") as ben:
        with pytest.raises(ValueError, match=r"^worker_cores must be <= 2\.000000, got 3$"):
            ana.submit(worker_cores=3)
        assert ana.list_clusters() == []
        started = ana.new_cluster()
        gateway._kept.append(started)
        with pytest.warns(match="exceed resource limit of 1 workers"):
            started.scale(4)
        with started.get_client() as client:
            client.wait_for_workers(1, timeout=60)
            assert client.submit(sum, [1, 2]).result(timeout=60) == 3
            time.sleep(1)  # another would have come by now
            assert len(client.scheduler_info(n_workers=-1)["workers"]) == 1
        assert [report.name for report in ana.list_clusters()] == [started.name]
        assert ben.list_clusters() == []
        assert status_of(lambda: ben.get_cluster(started.name)) == 403
        assert status_of(lambda: ben.scale_cluster(started.name, 0)) == 403
        sockets = [each for process in processes_in(folder) for each in process.net_connections("inet")]
        assert {each.laddr.ip for each in sockets if each.status == psutil.CONN_LISTEN} == {"127.0.0.1"}
        started.shutdown()


def test_only_the_password_opens_it_and_only_where_it_asks_for_one(door, tmp_path):
    door, folder = door
    with gateway.user(door, "ana", "wrong") as stranger:
        assert status_of(stranger.list_clusters) == 401
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "dask_gateway_config.py").stat().st_mode & 0o077 == 0
    with gateway.gateway(tmp_path, asks=False) as bare, gateway.user(bare, "ana", "wrong") as guest:
        assert guest.list_clusters() == []


@pytest.mark.parametrize("moment", ["the starter is interrupted", "the starter is killed"])
def test_it_ends_with_whoever_started_it_workers_included(moment, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    starter = [sys.executable, "-c", STARTER, tmp_path]
    quiet = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(starter, env=environment, **quiet) as started:
        try:
            assert started.stdout.readline() == b"up\n"
            running = len(processes_in(tmp_path))
        finally:
            started.send_signal(signal.SIGINT if "interrupted" in moment else signal.SIGKILL)
    assert running == 4, "proxy, server, scheduler and worker"
    assert left_in(tmp_path, seconds=20) == []


@pytest.mark.parametrize("which", [0, 1])
def test_a_port_that_somebody_has_taken_is_one_message(which, tmp_path, monkeypatch):
    ports = gateway.free_ports(3)
    monkeypatch.setattr(gateway, "free_ports", lambda count: ports)
    monkeypatch.setattr(gateway, "PATIENCE", 5)
    with socket.create_server(("127.0.0.1", ports[which])):
        with pytest.raises(ServiceError, match=r"(?s)^dask-gateway .*address already in use"):
            gateway.gateway(tmp_path).__enter__()
        assert left_in(tmp_path) == []


def test_a_gateway_that_dies_is_one_message_and_nothing_stays(tmp_path):
    with gateway.gateway(tmp_path) as door:
        with gateway.user(door, "ana") as ana:
            ana.submit()
            while ana.list_clusters()[0].status.name != "RUNNING":
                time.sleep(0.1)
        for process in processes_in(tmp_path):
            if "dask_gateway_server" in process.cmdline():
                process.kill()
        left_in(tmp_path, seconds=10)
        with pytest.raises(ServiceError, match=r"^Dask Gateway does not answer any more: "), gateway.user(door, "ana") as ana:
            ana.list_clusters()
    assert left_in(tmp_path) == []
