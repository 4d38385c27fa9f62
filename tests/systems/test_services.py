"""A server ends with its block or with whoever started it, and all it has started too; it says why it did not come up."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from examples.services import ServiceError, free_ports, listens, running

ROOT = Path(__file__).parents[2]
FAMILY = """
import pathlib, subprocess, sys, time
sleep = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"]
leaver = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:], start_new_session=True, stdout=2).pid)"
child = subprocess.Popen(sleep)
gone = subprocess.Popen(sleep, start_new_session=True)
orphan = subprocess.run([sys.executable, "-c", leaver, *sleep], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
pathlib.Path("part").write_text(f"{child.pid} {gone.pid} {orphan}")
pathlib.Path("part").rename("family")
time.sleep(600)
"""
"""A server with a child, a child in a session of its own, and one there whose parent has ended; none of them heeds SIGTERM."""


def told(folder, command, ready=lambda: False, **given):
    with pytest.raises(ServiceError) as said, running("server", command, folder, ready, mend="Mend it.", **given):
        pass
    return str(said.value).splitlines()


def family(folder):
    """The pids in the file, as processes."""
    return [psutil.Process(int(pid)) for pid in (folder / "family").read_text(encoding="utf-8").split()]


def all_gone(processes, timeout=0):
    _, alive = psutil.wait_procs(processes, timeout=timeout)
    return [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []


@pytest.fixture(autouse=True)
def _nothing_left():
    before = set(psutil.Process().children(recursive=True))
    yield
    assert set(psutil.Process().children(recursive=True)) == before


def test_without_its_program_it_says_so(tmp_path):
    assert told(tmp_path, ["no-such-program"]) == ["server: there is no program no-such-program. Mend it."]


def test_one_that_ends_at_once_is_quoted(tmp_path):
    code = "import sys; print('read the settings'); sys.exit('there is no such setting')"
    said = told(tmp_path, [sys.executable, "-c", code])
    assert said[0] == "server ended with status 1. Mend it."
    assert {line.strip() for line in said[1:]} == {"read the settings", "there is no such setting"}


def test_one_that_is_killed_has_the_status_that_a_shell_gives(tmp_path):
    said = told(tmp_path, [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"])
    assert said == ["server ended with status 137. Mend it."]


def test_one_that_never_gets_ready_is_given_up_and_ended(tmp_path):
    said = told(tmp_path, [sys.executable, "-c", FAMILY], lambda: (tmp_path / "family").exists() and False, seconds=2)
    assert said == ["server was not ready after 2 s. Mend it."]


def test_a_port_that_is_taken_is_one_message(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = told(tmp_path, [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", port])
    assert said[0] == "server ended with status 1. Mend it."
    assert "Address already in use" in said[-1]


@pytest.mark.parametrize("failure", [None, ZeroDivisionError, KeyboardInterrupt])
def test_all_that_it_started_ends_with_the_block(tmp_path, failure):
    ready = (tmp_path / "family").exists
    try:
        with running("server", [sys.executable, "-c", FAMILY], tmp_path, ready, mend=""):
            left = family(tmp_path)
            assert len({os.getsid(process.pid) for process in left}) == 3
            if failure:
                raise failure
    except (ZeroDivisionError, KeyboardInterrupt) as error:
        assert type(error) is failure  # noqa: PT017  it comes out of the block unchanged
    assert all_gone(left)


def test_all_that_it_started_ends_with_whoever_started_it(tmp_path):
    code = f"""
import pathlib, sys, time
from examples.services import running
folder = pathlib.Path({str(tmp_path)!r})
with running("server", [sys.executable, "-c", {FAMILY!r}], folder, (folder / "family").exists, mend=""):
    print("ready", flush=True)
    time.sleep(600)
"""
    starter = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with starter:
        assert starter.stdout.readline() == "ready\n"
        left = [*family(tmp_path), *psutil.Process(starter.pid).children(recursive=True)]
        starter.send_signal(signal.SIGKILL)
    assert len(left) >= 5
    assert all_gone(left, timeout=30)


def test_one_that_goes_away_in_the_block_is_known_and_leaves_nothing(tmp_path):
    with running("server", [sys.executable, "-c", FAMILY], tmp_path, (tmp_path / "family").exists, mend="") as process:
        left = family(tmp_path)
        left[0].parent().kill()
        assert process.wait(timeout=20) == 137
        assert all_gone(left)


def test_its_port_is_free_again_after_the_block(tmp_path):
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    began = time.monotonic()
    with running("server", command, tmp_path, lambda: listens(port), mend=""):
        assert listens(port)
    assert not listens(port)
    assert time.monotonic() - began < 15  # it was asked to end, not waited for until it is killed


def test_the_system_gives_a_free_port_to_nobody_else_meanwhile():
    given_away = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert max(ports) < int(given_away[0])
    assert not any(listens(port) for port in ports)


def test_a_port_that_is_taken_is_passed_over(monkeypatch):
    first, second = free_ports(2)
    monkeypatch.setattr("random.sample", lambda ports, k: [first, second])
    with socket.create_server(("127.0.0.1", first)):
        assert free_ports(1) == [second]
        with pytest.raises(ServiceError, match="2 are needed and 1 are free"):
            free_ports(2)
