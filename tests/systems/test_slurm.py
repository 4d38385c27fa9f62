"""The queue says in one message why it could not begin, and leaves no process, whichever way it ends."""

import getpass
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from examples import services
from examples.services import ServiceError, debian, slurm

ROOT = Path(__file__).parents[2]
PROGRAMS = {"munged", "mariadbd", "slurmdbd", "slurmctld", "slurmd"}


@pytest.fixture(scope="module", autouse=True)
def _installed():
    debian.ensure_slurm()


def of(folder):
    """The processes of the queue in a folder, and of its jobs."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [process.cwd(), *process.cmdline(), process.environ().get("SLURM_CONF", "")]
            if (
                process.pid != os.getpid()
                and process.status() != psutil.STATUS_ZOMBIE
                and any(str(folder) in word for word in words)
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def names(processes):
    return {process.name() for process in processes}


def left(folder):
    _, alive = psutil.wait_procs(of(folder), timeout=20)
    return names(alive)


def said(folder):
    with pytest.raises(ServiceError) as error, slurm.slurm(folder):
        pass
    assert left(folder) == set()
    return str(error.value)


def job(environment, *options):
    """A job that runs, and its process."""
    command = ["sbatch", "--parsable", f"--output={environment['SLURM_CONF']}.job", *options, "--wrap", "exec sleep 601"]
    number = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    until = time.monotonic() + 30
    while True:
        for process in psutil.process_iter():
            try:
                if process.cmdline() == ["sleep", "601"] and process.environ().get("SLURM_CONF") == environment["SLURM_CONF"]:
                    return number, process
            except psutil.Error:
                continue
        assert time.monotonic() < until
        time.sleep(0.1)


def test_it_has_two_nodes_and_its_files_and_ports_are_its_own(tmp_path):
    with slurm.slurm(tmp_path) as environment:
        nodes = subprocess.run(["sinfo", "-h", "-N", "-o", "%N"], env=environment, capture_output=True, text=True, check=True)
        assert set(nodes.stdout.split()) == {"n1", "n2"}
        mine = of(tmp_path)
        assert names(mine) >= PROGRAMS
        listen = {c.laddr.ip for each in mine for c in each.net_connections() if c.status == psutil.CONN_LISTEN}
        assert listen == {"127.0.0.1"}
        for name in ("munge.key", "slurm.conf", "slurmdbd.conf"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    assert left(tmp_path) == set()


def test_its_user_may_use_two_accounts_of_equal_share(tmp_path):
    with slurm.slurm(tmp_path) as environment:
        command = ["sacctmgr", "-nP", "show", "associations", "format=Account,User,Share"]
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        user = getpass.getuser()
        for account in slurm.ACCOUNTS:
            assert {f"{account}||1", f"{account}|{user}|1"} <= set(told.split())
        number, _ = job(environment)
        command = ["squeue", "-h", f"--jobs={number}", "-o", "%a"]
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        assert told.strip() == slurm.ACCOUNTS[0]


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_without_a_program_the_message_says_what_brings_it(tmp_path, monkeypatch, program):
    found = services.program
    monkeypatch.setattr(services, "program", lambda name: None if name == program else found(name))
    assert f"there is no program {program}. {slurm.MEND}" in said(tmp_path)


@pytest.mark.parametrize(("taken", "name"), [(0, "slurmctld"), (1, "slurmdbd"), (3, "slurmd-n2")])
def test_a_port_that_is_taken_is_one_message(tmp_path, monkeypatch, taken, name):
    ports = slurm.free_ports(4)
    monkeypatch.setattr(slurm, "free_ports", lambda count: ports)
    with socket.create_server(("127.0.0.1", ports[taken])):
        message = said(tmp_path)
    assert message.startswith(f"{name} ended with status 1. {slurm.MEND}")
    assert "Address already in use" in message


def test_a_munge_that_goes_away_is_one_message(tmp_path, monkeypatch):
    running = slurm.running

    def dies(name, command, folder, ready, **given):
        if name == "slurmctld":
            (munge,) = (process for process in of(folder) if process.name() == "munged")
            munge.kill()
            munge.wait(20)
        return running(name, command, folder, ready, **given)

    monkeypatch.setattr(slurm, "running", dies)
    message = said(tmp_path)
    assert message == f"munged, which SLURM's programs trust each other by, went away with status 137. {slurm.MEND}"


def test_a_munge_that_does_not_start_is_quoted(tmp_path, monkeypatch):
    monkeypatch.setattr(slurm.os, "urandom", lambda count: b"short")
    message = said(tmp_path)
    assert message.startswith(f"munged ended with status 1. {slurm.MEND}")
    assert "Keyfile must be at least 32 bytes" in message.partition(slurm.MEND)[2]


def test_a_job_goes_to_the_other_node_when_one_has_ended(tmp_path):
    with slurm.slurm(tmp_path) as environment:
        (node,) = (each for each in of(tmp_path) if each.name() == "slurmd" and each.cmdline()[-1] == "n1")
        node.terminate()
        node.wait(20)
        down = ["scontrol", "update", "NodeName=n1", "State=DOWN", "Reason=ended"]
        subprocess.run(down, env=environment, check=True)
        _, process = job(environment)
        assert process.environ()["SLURMD_NODENAME"] == "n2"
    assert left(tmp_path) == set()
    assert not process.is_running()


def test_a_job_that_runs_ends_with_the_block(tmp_path):
    with pytest.raises(ZeroDivisionError), slurm.slurm(tmp_path) as environment:  # noqa: PT012  a job has to run first
        _, process = job(environment)
        raise ZeroDivisionError
    assert left(tmp_path) == set()
    assert not process.is_running()


def test_nothing_is_left_when_whoever_started_it_is_killed(tmp_path):
    code = f"""
import json, pathlib, time
from examples.services.slurm import slurm
with slurm(pathlib.Path({str(tmp_path)!r})) as environment:
    print(json.dumps(environment), flush=True)
    time.sleep(600)
"""
    starter = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with starter:
        _, process = job(json.loads(starter.stdout.readline()))
        all_of_it = [process, *of(tmp_path), *psutil.Process(starter.pid).children(recursive=True)]
        assert names(all_of_it) >= PROGRAMS | {"slurmstepd"}
        starter.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(all_of_it, timeout=30)
    assert names(alive) == set()
    assert left(tmp_path) == set()
