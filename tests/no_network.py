"""Run a command in a network namespace that has its own loopback and no way out: ``python no_network.py COMMAND…``."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

SIOCSIFFLAGS, SIOCSIFADDR, IFF_UP = 0x8914, 0x8916, 0x1
"""From linux/sockios.h and linux/if.h."""


def without_network(command: list[str]) -> list[str]:
    """The command that runs `command` without a network: as root, in a user namespace, or by sudo where those are forbidden."""
    inner = [sys.executable, __file__, *command]
    if os.geteuid() == 0:
        return ["unshare", "--net", *inner]
    if subprocess.run(["unshare", "--map-root-user", "--net", "true"], capture_output=True, check=False).returncode == 0:
        return ["unshare", "--map-root-user", "--net", *inner]
    assert shutil.which("sudo"), "no namespace without a network: neither user namespaces nor sudo are to be had"
    as_before = ["setpriv", f"--reuid={os.getuid()}", f"--regid={os.getgid()}", "--init-groups"]
    return ["sudo", "--non-interactive", "--preserve-env", "unshare", "--net", *inner[:2], *as_before, *command]


if __name__ == "__main__":
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ends:
        fcntl.ioctl(ends, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
        # Where there is no other address than the loopback's, the system looks up no name of this machine (AI_ADDRCONFIG).
        nobody = socket.inet_aton("192.0.2.1")  # of no network: RFC 5737
        fcntl.ioctl(ends, SIOCSIFADDR, struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, nobody))
    os.execvp(sys.argv[1], sys.argv[1:])
