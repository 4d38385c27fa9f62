"""A SLURM of one's own on this machine: a controller and nodes that are processes, on loopback and on free ports."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from examples.services import ServiceError, free_ports, running

PACKAGES = ["slurm-wlm", "munge"]
MEND = f"To have SLURM, as root, on Debian: apt-get install --no-install-recommends {' '.join(PACKAGES)}"
CONF = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
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
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/completed.log
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerParameters=sched_interval=2,sched_min_interval=500000,bf_interval=2
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={first} CPUs=2 CoresPerSocket=2 RealMemory=4000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={second} CPUs=2 CoresPerSocket=2 RealMemory=4000
PartitionName=normal Nodes=n1,n2 Default=YES MaxTime=10 State=UP PriorityTier=1
PartitionName=urgent Nodes=n1,n2 MaxTime=10 State=UP PriorityTier=10 PreemptMode=OFF
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
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
        if subprocess.run([*root, "apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            sys.exit(MEND)


@contextmanager
def slurm(folder: Path) -> Iterator[dict[str, str]]:
    """A SLURM of two nodes whose files are all in `folder`; gives the environment in which its commands find it.

    Jobs of its partition `urgent` take the place of those in `normal`, which go back to the queue.

    Raises:
        ServiceError: it is not installed, or did not come up.

    """
    ports = dict(zip(("controller", "first", "second"), free_ports(3), strict=True))
    conf = folder / "slurm.conf"
    conf.write_text(
        CONF.format(
            folder=folder,
            host=socket.gethostname().split(".")[0],
            user=getpass.getuser(),
            **ports,
        ),
        encoding="utf-8",
    )
    (folder / "state").mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    environment = {**os.environ, "SLURM_CONF": str(conf), "MUNGE_SOCKET": str(folder / "munge.socket")}
    munge = ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={folder}/munge.socket"]
    munge += [f"--pid-file={folder}/munge.pid", f"--log-file={folder}/munged.log", f"--seed-file={folder}/munge.seed"]
    with ExitStack() as stack:
        munged = stack.enter_context(running("munged", munge, folder, (folder / "munge.socket").exists, mend=MEND))
        controller = ["slurmctld", "-D", "-c"]
        answers = lambda: _idle(environment, munged) is not None  # noqa: E731
        stack.enter_context(running("slurmctld", controller, folder, answers, mend=MEND, environment=environment))
        for number, node in enumerate(("n1", "n2"), start=1):
            command = ["slurmd", "-D", "-c", "-N", node]
            idle = lambda number=number: _idle(environment, munged) == number  # noqa: E731
            stack.enter_context(running(f"slurmd-{node}", command, folder, idle, mend=MEND, environment=environment))
        stack.callback(
            subprocess.run, ["scancel", f"--user={getpass.getuser()}"], env=environment, capture_output=True, check=False
        )
        yield environment


def _idle(environment: dict[str, str], munged: subprocess.Popen[bytes]) -> int | None:
    """How many nodes are idle; nothing while no controller answers."""
    if (status := munged.poll()) is not None:
        raise ServiceError(f"munged, which SLURM's programs trust each other by, went away with status {status}. {MEND}")
    told = subprocess.run(["sinfo", "-h", "-N", "-o", "%N %T"], env=environment, capture_output=True, text=True, check=False)
    return None if told.returncode else len({line for line in told.stdout.splitlines() if line.endswith(" idle")})


if __name__ == "__main__":
    ensure()
    print("SLURM:", shutil.which("slurmctld"))
