"""What some segments run that Debian brings: install it where it is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from examples.services import slurm

CDO_MEND = "To have CDO, as root, on Debian: apt-get install --no-install-recommends cdo"


def ensure(programs: Sequence[str], packages: Sequence[str], mend: str) -> None:
    """Install packages where one of their programs is missing and this is a Debian, as root or by sudo.

    Raises:
        SystemExit: a program is not there, and cannot be installed; the message is `mend`, the command that would.

    """
    if all(map(shutil.which, programs)):
        return
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (root and not shutil.which("sudo")):
        sys.exit(mend)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        if subprocess.run([*root, "apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            sys.exit(mend)


def ensure_slurm() -> None:
    """Install SLURM, with its accounting, where it is missing."""
    ensure(slurm.PROGRAMS, slurm.PACKAGES, slurm.MEND)


def ensure_cdo() -> None:
    """Install the Climate Data Operators where they are missing."""
    ensure(["cdo"], ["cdo"], CDO_MEND)


if __name__ == "__main__":
    told = []
    for install in (ensure_slurm, ensure_cdo):
        try:
            install()
        except SystemExit as mend:
            told.append(str(mend))
    print("SLURM:", shutil.which("slurmctld"), " CDO:", shutil.which("cdo"))
    sys.exit("\n".join(told) or 0)
