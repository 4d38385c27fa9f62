"""A SLURM of one's own on this machine: a controller and nodes that are processes, on loopback and on free ports."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from examples.services import ServiceError, free_ports, running

PACKAGES = ["slurm-wlm", "slurmdbd", "mariadb-server-core", "munge"]
PROGRAMS = ["slurmctld", "slurmd", "slurmdbd", "mariadbd", "munged"]
TABLES = Path("/usr/share/mysql/mysql_system_tables.sql")
ACCOUNTS = ["forecast", "research"]
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
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={accounting}
AccountingStoragePass={folder}/munge.socket
AccountingStorageEnforce=limits
PriorityType=priority/multifactor
PriorityWeightFairshare=1000
PriorityCalcPeriod=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerParameters=sched_interval=2,sched_min_interval=500000,bf_interval=2
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={first} CPUs=2 CoresPerSocket=2 RealMemory=4000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={second} CPUs=2 CoresPerSocket=2 RealMemory=4000
PartitionName=normal Nodes=n1,n2 Default=YES MaxTime=10 State=UP PriorityTier=1
PartitionName=urgent Nodes=n1,n2 MaxTime=10 State=UP PriorityTier=10 PreemptMode=OFF
"""
ACCOUNTING_CONF = """
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
DbdHost={host}
DbdAddr=127.0.0.1
DbdPort={accounting}
CommunicationParameters=NoInAddrAny
SlurmUser={user}
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser={user}
StorageLoc=accounting
PidFile={folder}/slurmdbd.pid
LogFile={folder}/slurmdbd.log
"""


@contextmanager
def slurm(folder: Path) -> Iterator[dict[str, str]]:
    """A SLURM of two nodes whose files are all in `folder`; gives the environment in which its commands find it.

    Jobs of its partition `urgent` take the place of those in `normal`, which go back to the queue. The user who starts it
    may submit on two accounts of equal share, `ACCOUNTS`, the first by default.

    Raises:
        ServiceError: it is not installed, or did not come up.

    """
    user = getpass.getuser()
    ports = dict(zip(("controller", "accounting", "first", "second"), free_ports(4), strict=True))
    for name, conf in (("slurm", CONF), ("slurmdbd", ACCOUNTING_CONF)):
        written = folder / f"{name}.conf"
        written.touch(0o600)
        written.write_text(
            conf.format(folder=folder, host=socket.gethostname().split(".")[0], user=user, **ports), encoding="utf-8"
        )
    (folder / "state").mkdir()
    (folder / "database").mkdir()
    tables = TABLES.read_text(encoding="utf-8") if TABLES.exists() else ""
    (folder / "tables.sql").write_text(f"CREATE DATABASE mysql;\nUSE mysql;\n{tables}", encoding="utf-8")
    key = folder / "munge.key"
    key.touch(0o600)
    key.write_bytes(os.urandom(1024))
    # The database has no passwords and no port: only who may enter the folder reaches its socket.
    database = ["mariadbd", "--no-defaults", f"--user={user}", f"--datadir={folder}/database", f"--tmpdir={folder}"]
    database += [f"--socket={folder}/database.socket", "--skip-networking", "--skip-grant-tables", "--innodb-log-file-size=8M"]
    database += [f"--init-file={folder}/tables.sql"]
    munge = ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={folder}/munge.socket"]
    munge += [f"--pid-file={folder}/munge.pid", f"--log-file={folder}/munged.log", f"--seed-file={folder}/munge.seed"]
    environment = {**os.environ, "SLURM_CONF": f"{folder}/slurm.conf", "MUNGE_SOCKET": f"{folder}/munge.socket"}
    storage = {**environment, "MYSQL_UNIX_PORT": f"{folder}/database.socket"}
    with ExitStack() as stack:

        def start(command: list[str], ready: Callable[[], bool], name: str | None = None) -> subprocess.Popen[bytes]:
            name = name or command[0]
            given = storage if name == "slurmdbd" else environment
            return stack.enter_context(running(name, command, folder, ready, mend=MEND, environment=given))

        def said(*command: str) -> str | None:
            """What a command of SLURM prints; nothing while it cannot be answered."""
            if (status := munged.poll()) is not None:
                raise ServiceError(f"munged, which SLURM's programs trust each other by, went away with status {status}. {MEND}")
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            return None if done.returncode else done.stdout

        def idle(count: int) -> bool:
            nodes = set((said("sinfo", "-h", "-N", "-o", "%N %T") or "").splitlines())
            return sum(node.endswith(" idle") for node in nodes) == count

        munged = start(munge, (folder / "munge.socket").exists)
        start(database, (folder / "database.socket").exists)
        start(["slurmdbd", "-D"], lambda: said("sacctmgr", "show", "cluster") is not None)
        orders = ["add cluster test"]
        for account in ACCOUNTS:
            orders += [f"add account {account} fairshare=1", f"add user {user} account={account}"]
        for order in [*orders, f"modify user {user} set defaultaccount={ACCOUNTS[0]}"]:
            if said("sacctmgr", "-i", *order.split()) is None:
                raise ServiceError(f"slurmdbd did not take the order 'sacctmgr {order}'. {MEND}")
        start(["slurmctld", "-D", "-c"], lambda: said("sinfo") is not None)
        for number, node in enumerate(("n1", "n2"), start=1):
            start(["slurmd", "-D", "-c", "-N", node], partial(idle, number), f"slurmd-{node}")
        stack.callback(subprocess.run, ["scancel", f"--user={user}"], env=environment, capture_output=True, check=False)
        yield environment
