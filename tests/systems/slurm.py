"""A SLURM of one's own on this machine: a controller and nodes that are processes, on loopback and on free ports."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGES = ["slurm-wlm", "munge"]
MEND = f"SLURM is not installed and could not be; as root, on Debian: apt-get install --no-install-recommends {' '.join(PACKAGES)}"
CONF = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmUser={user}
SlurmdUser={user}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MpiDefault=none
SlurmdParameters=config_overrides
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ReturnToService=2
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={first} CPUs=2 CoresPerSocket=2 RealMemory=4000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={second} CPUs=2 CoresPerSocket=2 RealMemory=4000
PartitionName=normal Nodes=n1,n2 Default=YES MaxTime=10 State=UP
"""


def ensure() -> None:
    """Install SLURM where it is missing and this is a Debian, as root or by sudo.

    Raises:
        SystemExit: it is not there, and cannot be installed; the message is the command that would.
    """
    if shutil.which("slurmctld") and shutil.which("munged"):
        return
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (root and not shutil.which("sudo")):
        sys.exit(MEND)
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
        if subprocess.run([*root, "apt-get", *command], check=False, **quiet).returncode:
            sys.exit(MEND)


@contextmanager
def slurm(folder: Path) -> Iterator[dict[str, str]]:
    """A SLURM of two nodes whose files are all in `folder`; gives the environment in which its commands find it."""
    ports = dict(zip(("controller", "first", "second"), _free_ports(3), strict=True))
    conf = folder / "slurm.conf"
    conf.write_text(
        CONF.format(folder=folder, host=socket.gethostname().split(".")[0], user=getpass.getuser(), **ports), encoding="utf-8"
    )
    (folder / "state").mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    environment = {**os.environ, "SLURM_CONF": str(conf), "MUNGE_SOCKET": str(folder / "munge.socket")}
    munge = ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={folder}/munge.socket"]
    munge += [f"--pid-file={folder}/munge.pid", f"--log-file={folder}/munge.log", f"--seed-file={folder}/munge.seed"]
    started = [subprocess.Popen(munge, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
    try:
        _wait((folder / "munge.socket").exists, "munged", folder)
        for command in (["slurmctld", "-D", "-c"], *(["slurmd", "-D", "-c", "-N", node] for node in ("n1", "n2"))):
            with (folder / f"{'-'.join(command)}.out".replace("/", "_")).open("w") as out:
                started.append(subprocess.Popen(command, env=environment, stdout=out, stderr=out))
        _wait(lambda: _idle(environment) == 2, "two idle nodes", folder)
        yield environment
    finally:
        subprocess.run(["scancel", f"--user={getpass.getuser()}"], env=environment, capture_output=True, check=False)
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _idle(environment: dict[str, str]) -> int:
    told = subprocess.run(["sinfo", "-h", "-N", "-o", "%T"], env=environment, capture_output=True, text=True, check=False)
    return told.stdout.split().count("idle")


def _wait(is_so, what: str, folder: Path) -> None:
    for _ in range(150):
        if is_so():
            return
        time.sleep(0.1)
    logs = "\n".join(
        f"{path.name}: {path.read_text(errors='replace')[-600:]}" for path in [*folder.glob("*.log"), *folder.glob("*.out")]
    )
    raise AssertionError(f"SLURM: no {what} in 15 s\n{logs}")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


if __name__ == "__main__":
    ensure()
    print("SLURM:", shutil.which("slurmctld"))
