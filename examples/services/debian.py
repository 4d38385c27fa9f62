"""What some segments run or read that Debian brings: install it where it is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from examples.samples import SAMPLES, MissingData
from examples.services import slurm

CDO_MEND = "To have CDO, as root, on Debian: apt-get install --no-install-recommends cdo"


def ensure(here: bool, packages: Sequence[str], mend: str) -> None:
    """Install packages, unless what they bring is here, if this is a Debian, as root or by sudo.

    Raises:
        SystemExit: they cannot be installed; the message is `mend`, the command that would.

    """
    if here:
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
    ensure(all(map(shutil.which, slurm.PROGRAMS)), slurm.PACKAGES, slurm.MEND)


def ensure_cdo() -> None:
    """Install the Climate Data Operators where they are missing."""
    ensure(bool(shutil.which("cdo")), ["cdo"], CDO_MEND)


def ensure_data() -> None:
    """Install the packages of data whose files are missing: those of the samples that lie in a folder of Debian."""
    for name, sample in SAMPLES.items():
        if sample.home.startswith("/"):
            try:
                sample.files(name)
            except MissingData as missing:
                ensure(False, [sample.package], str(missing))


if __name__ == "__main__":
    told = []
    for install in (ensure_slurm, ensure_cdo, ensure_data):
        try:
            install()
        except SystemExit as mend:
            told.append(str(mend))
    print("SLURM:", shutil.which("slurmctld"), " CDO:", shutil.which("cdo"))
    sys.exit("\n".join(told) or 0)
