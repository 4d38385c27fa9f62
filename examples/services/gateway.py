"""A Dask Gateway of one's own on this machine: its server, its proxy, and clusters that are local processes."""

from __future__ import annotations

import secrets
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from dask_gateway import BasicAuth, Gateway

from examples.services import ServiceError, free_ports, running

PATIENCE = 20
"""Seconds that it may take; where a port is somebody else's, its server tries as long."""
CONF = """
from dask_gateway_server.options import Float, Integer, Options

c.DaskGateway.address = "127.0.0.1:{own}"
c.Proxy.address = "127.0.0.1:{public}"
c.Proxy.tcp_address = "127.0.0.1:{tcp}"
c.Proxy.proxy_status_period = 1
c.DaskGateway.backend_class = "dask_gateway_server.backends.local.UnsafeLocalBackend"
c.UnsafeLocalBackend.clusters_directory = "{folder}/clusters"
# Who stops a cluster need not wait for it.
c.UnsafeLocalBackend.sigint_timeout = 0
c.UnsafeLocalBackend.sigterm_timeout = 0
# distributed brings no programs of these names any more.
c.ClusterConfig.scheduler_cmd = {python!r} + ["distributed.cli.dask_scheduler", "--no-dashboard"]
c.ClusterConfig.worker_cmd = {python!r} + ["distributed.cli.dask_worker", "--no-dashboard", "--no-nanny", "--host", "127.0.0.1"]
c.DaskGateway.authenticator_class = "dask_gateway_server.auth.SimpleAuthenticator"
c.SimpleAuthenticator.password = {password!r}
{settings}
"""


# A client that is collected after it was closed prints an error; one that is kept until this process ends does not.
_kept: list[object] = []


@dataclass(frozen=True)
class Door:
    """Where a gateway is, and the one password that it asks everybody for; None if it asks for none."""

    address: str
    proxy_address: str
    password: str | None


@contextmanager
def gateway(folder: Path, settings: str = "", *, asks: bool = True) -> Iterator[Door]:
    """A Dask Gateway for as long as the block lasts.

    Every cluster is processes of the same system user, this one: see `UnsafeLocalBackend`.

    Args:
        folder: where it keeps all its files; private to this user.
        settings: lines for its configuration, such as limits.
        asks: whether it asks for a password; as it comes it does not.

    Raises:
        ServiceError: it did not come up.

    """
    folder.chmod(0o700)
    (folder / "clusters").mkdir()
    public, tcp, own = free_ports(3)
    password = secrets.token_urlsafe() if asks else None
    conf = folder / "dask_gateway_config.py"
    conf.touch(0o600)
    conf.write_text(
        CONF.format(
            own=own,
            public=public,
            tcp=tcp,
            folder=folder,
            python=[sys.executable, "-m"],
            password=password,
            settings=settings,
        ),
        encoding="utf-8",
    )
    door = Door(f"http://127.0.0.1:{public}", f"gateway://127.0.0.1:{tcp}", password)
    command = [sys.executable, "-m", "dask_gateway_server", "--config", str(conf)]
    ready = lambda: _healthy(door.address)  # noqa: E731
    mend = "Its settings stand in examples/services/gateway.py."
    with running("dask-gateway", command, folder, ready, mend=mend, seconds=PATIENCE):
        yield door


def _healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/api/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def user(door: Door, name: str, password: str | None = None) -> Iterator[Gateway]:
    """A user's client of the gateway, with the password that it asks for or another.

    Raises:
        ServiceError: the gateway does not answer any more.

    """
    auth = BasicAuth(name, password or door.password)
    try:
        with Gateway(door.address, proxy_address=door.proxy_address, auth=auth) as client:
            _kept.append(client)
            yield client
    except aiohttp.ClientConnectionError as error:
        raise ServiceError(f"Dask Gateway does not answer any more: {error}") from None
