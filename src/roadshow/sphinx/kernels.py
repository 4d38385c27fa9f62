"""Kernels that need not import what all of them import: one process has done it, and each kernel is a fork of that.

The imports of Xarray, Dask and Cartopy are most of the work of a short page. Where the system cannot tell of a process that
is not its child (all but Linux), and for a page or two, kernels start as Jupyter starts them.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets import Unicode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_client.connect import KernelConnectionInfo

ALWAYS = ("ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.zmqshell")
"""What each kernel imports by itself."""


class PreloadError(Exception):
    """A module that the kernels were to find imported cannot be; the message says which, and why."""


@contextmanager
def warm_process(folder: Path, modules: list[str], environment: dict[str, str], root: Path) -> Iterator[str]:
    """Run in `root` the process that has imported `modules`; give the address that it listens on, in `folder`.

    Raises
    ------
    PreloadError
        One of `modules` cannot be imported.
    """
    KernelProvisionerFactory.instance().default_provisioner_name = "roadshow-fork"
    address = str(folder / "warm")
    # As ipykernel sets it, for a Matplotlib that is imported before there is a kernel.
    environment = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", **environment}
    command = [sys.executable, "-m", "roadshow.warm", address, *ALWAYS, *modules]
    with subprocess.Popen(
        command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout
            if (said := process.stdout.readline().strip()) != "ready":
                raise PreloadError(said or "the process that imports roadshow_preload (conf.py) ended before it was ready")
            yield address
        finally:
            # Its kernels have ended by now, or end with it.
            process.kill()


class ForkedProvisioner(LocalProvisioner):
    """Has its kernel forked by the process that listens on `address`; without an address, starts it as Jupyter does."""

    address = Unicode(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        if not self.address or cmd[:2] != [sys.executable, "-m"]:
            return await super().launch_kernel(cmd, **kwargs)
        reader, writer = await asyncio.open_unix_connection(self.address)
        writer.write(json.dumps({"argv": cmd[2:], "env": kwargs["env"], "cwd": kwargs["cwd"]}).encode() + b"\n")
        self.pid = self.pgid = int(await reader.readline())
        writer.close()
        self.process = _Fork(self.pid)  # type: ignore[assignment]
        self.cwd = kwargs["cwd"]
        return self.connection_info


class _Fork:
    """What Jupyter wants to know of a process, for one that is not a child of ours."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self.descriptor: int | None = os.pidfd_open(pid)
        except ProcessLookupError:
            self.descriptor = None

    def poll(self) -> int | None:
        """None while it runs. How it ended only its parent could know: the answer is then 0."""
        if self.descriptor is not None and select.select([self.descriptor], [], [], 0)[0]:
            os.close(self.descriptor)
            self.descriptor = None
        return None if self.descriptor is not None else 0

    def wait(self) -> int:
        if self.descriptor is not None:
            select.select([self.descriptor], [], [])
        return self.poll() or 0

    def send_signal(self, number: int) -> None:
        if self.descriptor is not None:
            signal.pidfd_send_signal(self.descriptor, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)
