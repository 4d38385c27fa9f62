"""What the demonstrations rely on: Dask is silent when a worker dies, and leaves neither file nor process."""

import subprocess
import sys
from pathlib import Path

import pytest

from examples import cluster

DEMONSTRATION = """
import os, signal
from pathlib import Path
from examples import cluster

if __name__ == "__main__":
    folder = cluster.prepare()
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as local, Client(local) as client:
        first = client.submit(os.getpid, pure=False).result(timeout=60)
        scratch = client.run(lambda dask_worker: dask_worker.local_directory).popitem()[1]
        os.kill(first, signal.SIGKILL)
        second = client.submit(os.getpid, pure=False).result(timeout=60)
    cluster.finish()
    print(first != second, Path(scratch).is_relative_to(folder), folder.exists())
"""


def test_a_killed_worker_leaves_no_log_line_and_no_file(tmp_path: Path) -> None:
    script = tmp_path / "demonstration.py"
    script.write_text(DEMONSTRATION)
    root = Path(cluster.__file__).parents[1]
    environment = {"PYTHONPATH": str(root), "TMPDIR": str(tmp_path)}
    run = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert run.stderr == ""
    assert run.stdout == "True True False\n"
    assert list(tmp_path.iterdir()) == [script]


def test_a_process_that_still_runs_is_named() -> None:
    with subprocess.Popen([sys.executable, "-c", "input('left behind')"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as left:
        with pytest.raises(RuntimeError, match="left behind"):
            cluster.finish()
        left.kill()
