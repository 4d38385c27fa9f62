"""The cells on clusters that others run: a scheduler at an address, a Dask Gateway, a SLURM, and the job script of a PBS.

Each is the real thing, started on loopback for the test.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

import pytest
from dask_jobqueue import PBSCluster

from examples.services import debian, free_ports, slurm

ROOT = Path(__file__).parents[2]

CELL = """
import gc
gc.disable()  # what was refused stays alive, as it may on a machine at work
from examples import cluster

if __name__ == "__main__":
    cluster.prepare()
    import dask.array as da
    import numpy as np
    from examples import catalogue

    sst = catalogue.sample("ostia").values
    with cluster.connect() as client:
        mean = client.compute(np.nanmean(da.from_array(sst, chunks=(54, 18, 108)))).result(timeout=60)
        print(float(mean) == float(np.nanmean(da.from_array(sst, chunks=(54, 18, 108)).compute(scheduler="sync"))))
        print(cluster.described(client))
"""


def run(told, folder, environment=os.environ, patience=100):
    script = folder / "cell.py"
    script.write_text(CELL.replace("cluster.prepare()", f"cluster.PATIENCE = {patience}; cluster.prepare()"), encoding="utf-8")
    given = {**environment, "PYTHONPATH": str(ROOT), "TALK_CLUSTER": json.dumps(told)}
    return subprocess.run([sys.executable, script], cwd=folder, env=given, capture_output=True, text=True, timeout=170, check=False)


def release():
    return version("distributed")


def free_port():
    return free_ports(1)[0]


def test_by_default_two_workers_start_on_this_machine(tmp_path):
    done = run({}, tmp_path)
    assert done.stdout.splitlines() == ["True", f"2 workers of 1 thread, this machine, Dask {release()}"], done.stderr


def test_a_scheduler_that_runs_is_reached_by_its_address(tmp_path):
    port = free_port()
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port)]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", f"tcp://127.0.0.1:{port}", "--host", "127.0.0.1"]
    quiet = {"cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [
        subprocess.Popen([*scheduler, "--dashboard-address", "127.0.0.1:0"], **quiet),
        subprocess.Popen([*worker, "--nthreads", "3", "--dashboard-address", "127.0.0.1:0"], **quiet),
    ]
    try:
        done = run({"kind": "address", "address": f"tcp://127.0.0.1:{port}"}, tmp_path)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=20)
    assert done.stdout.splitlines() == ["True", f"1 worker of 3 threads, 1 machine, Dask {release()}"], done.stderr


@pytest.fixture
def gateway(tmp_path):
    """A Dask Gateway with a password, and what the visit would say of it."""
    address, proxy = (free_port() for _ in range(2))
    (tmp_path / "dask_gateway_config.py").write_text(
        f"""
import sys
c.DaskGateway.address = "127.0.0.1:0"
c.Proxy.address = "127.0.0.1:{address}"
c.Proxy.tcp_address = "127.0.0.1:{proxy}"
c.DaskGateway.authenticator_class = "dask_gateway_server.auth.SimpleAuthenticator"
c.SimpleAuthenticator.password = "right"
c.DaskGateway.backend_class = "dask_gateway_server.backends.local.UnsafeLocalBackend"
c.ClusterConfig.scheduler_cmd = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
c.ClusterConfig.worker_cmd = [sys.executable, "-m", "distributed.cli.dask_worker"]
""",
        encoding="utf-8",
    )
    server = str(Path(sys.executable).with_name("dask-gateway-server"))
    with (tmp_path / "gateway.log").open("w") as log:
        running = subprocess.Popen([server], cwd=tmp_path, stdout=log, stderr=log)
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{address}/api/health", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    kwargs = {"username": "visitor", "password": "right"}
    yield {
        "kind": "gateway",
        "address": f"http://127.0.0.1:{address}",
        "workers": 2,
        "options": {"proxy_address": f"gateway://127.0.0.1:{proxy}"},
        "config": {"gateway.auth.type": "basic", "gateway.auth.kwargs": kwargs},
    }
    running.terminate()
    running.wait(timeout=30)


def test_a_gateway_gives_workers_to_whoever_has_the_password(gateway, tmp_path):
    done = run(gateway, tmp_path)
    assert done.stdout.splitlines() == ["True", f"Dask Gateway, 2 workers of 1 thread, 1 machine, Dask {release()}"], done.stderr
    gateway["config"]["gateway.auth.kwargs"]["password"] = "wrong"
    refused = run(gateway, tmp_path)
    assert refused.returncode == 1
    last = refused.stderr.strip().splitlines()[-1]
    assert "NoCluster: the cluster of the kind 'gateway' that the visit names in [cluster] cannot be used:" in last


def test_slurm_runs_the_workers_as_jobs_and_keeps_none(tmp_path):
    debian.ensure_slurm()
    with slurm.slurm(tmp_path) as environment:
        told = {
            "kind": "slurm",
            "workers": 2,
            "options": {
                "queue": "normal",
                "cores": 1,
                "memory": "1GiB",
                "walltime": "00:05:00",
                "scheduler_options": {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"},
                "worker_extra_args": ["--host", "127.0.0.1"],
                "local_directory": str(tmp_path),
                "log_directory": str(tmp_path),
            },
        }
        done = run(told, tmp_path, environment)
        assert done.stdout.splitlines() == ["True", f"SLURM, 2 workers of 1 thread, 1 machine, Dask {release()}"], done.stderr[
            -2000:
        ]
        squeue = ["squeue", "-h", "-o", "%T"]
        for _ in range(100):
            left = subprocess.run(squeue, env=environment, capture_output=True, text=True, check=True).stdout.split()
            if not left:
                break
            time.sleep(0.1)
        assert left == []
        jobs = (tmp_path / "slurmctld.log").read_text(encoding="utf-8", errors="replace")
        assert jobs.count("sched: Allocate") + jobs.count("sched/backfill: _start_job: Started") >= 2
        told["options"]["queue"] = "nowhere"
        refused = run(told, tmp_path, environment, patience=10)
        assert refused.returncode == 1
        last = refused.stderr.strip().splitlines()[-1]
        assert "NoCluster: the cluster of the kind 'slurm' that the visit names in [cluster] cannot be used: Only 0/2" in last
        assert "look at the queue (squeue or qstat), and at [cluster.options]" in last


def test_pbs_is_asked_for_what_the_visit_says(tmp_path):
    # No PBS is packaged for this system: the job script of Dask's own class is as far as a test can go here.
    options = {"queue": "normal", "account": "X1", "cores": 4, "memory": "8GiB", "walltime": "00:10:00"}
    dashboard = {"scheduler_options": {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}}
    with PBSCluster(**options, **dashboard) as cluster:
        script = cluster.job_script().splitlines()
    for line in ("#PBS -q normal", "#PBS -A X1", "#PBS -l walltime=00:10:00"):
        assert line in script
    done = run({"kind": "pbs", "workers": 1, "options": {**options, **dashboard}}, tmp_path)
    assert done.returncode == 1
    assert "cannot be used: there is no qsub here; build where jobs can be submitted" in done.stderr
    assert shutil.which("qsub") is None


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense"])
def test_an_address_where_nobody_answers_is_one_message(address, tmp_path):
    done = run({"kind": "address", "address": address}, tmp_path, patience=5)
    assert done.returncode == 1
    assert "NoCluster: the cluster of the kind 'address' that the visit names" in done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(("kind", "scheme"), [("address", "tcp"), ("gateway", "http")])
def test_a_server_that_says_nothing_is_one_message_in_time(kind, scheme, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        told = {"kind": kind, "address": f"{scheme}://127.0.0.1:{mute.getsockname()[1]}"}
        done = run(told, tmp_path, patience=5)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert f"NoCluster: the cluster of the kind {kind!r} that the visit names in [cluster] cannot be used: no answer in 6 s" in last


OTHER_RELEASE = """
import sys
import distributed.node

real = distributed.node.get_versions


def other(**given):
    told = real(**given)
    told["packages"]["distributed"] = "2024.1.0"
    return told


distributed.node.get_versions = other
from distributed.cli.dask_worker import main

main(sys.argv[1:])
"""


def test_a_worker_of_another_release_is_refused(tmp_path):
    address = f"tcp://127.0.0.1:{(port := free_port())}"
    (tmp_path / "worker.py").write_text(OTHER_RELEASE, encoding="utf-8")
    http = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
    quiet = {"cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [
        subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", str(port), *http], **quiet),
        subprocess.Popen([sys.executable, "worker.py", address, "--no-nanny", *http], **quiet),
    ]
    try:
        done = run({"kind": "address", "address": address}, tmp_path)
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait(timeout=20)
    assert done.returncode == 1
    assert f"other releases: distributed 2024.1.0 there, {release()} here" in done.stderr.strip().splitlines()[-1]
