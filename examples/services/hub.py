"""A JupyterHub of one's own on this machine, behind its proxy, and what a person's browser asks of it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import sys
import time
import urllib.request
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from examples.services import ServiceError, free_ports, running

ROOT = Path(__file__).parents[2]
PROXY = "configurable-http-proxy"
MEND = "JupyterHub's proxy needs Node.js with npm; where these are, `make services` installs it."
CONF = """
from hmac import compare_digest

from jupyterhub.auth import Authenticator

PASSWORDS = {passwords!r}


class Passwords(Authenticator):
    async def authenticate(self, handler, data):
        name, given = data["username"], data["password"]
        return name if compare_digest(PASSWORDS.get(name, "").encode(), given.encode()) and given else None


c.JupyterHub.authenticator_class = Passwords
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.bind_url = "{url}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret = bytes.fromhex("{cookies}")
c.JupyterHub.services = [{{"name": name, "api_token": token}} for name, token in {tokens!r}.items()]
# The users' servers end with the block; the hub need not wait for each.
c.JupyterHub.cleanup_servers = False
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.auth_token = "{proxy_token}"
c.Spawner.cmd = {singleuser!r}
c.Spawner.args = ["--allow-root", "--ServerApp.terminals_enabled=False"]
c.Spawner.environment = {environment!r}
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/homes/{{username}}"
{settings}
"""


@dataclass(frozen=True)
class Hub:
    """Where a hub is, and who may come in: passwords by the name of a user, tokens by the name of a service."""

    url: str
    passwords: Mapping[str, str]
    tokens: Mapping[str, str]
    folder: Path


@contextmanager
def hub(folder: Path, settings: str, *, users: tuple[str, ...], services: tuple[str, ...] = ()) -> Iterator[Hub]:
    """A JupyterHub for as long as the block lasts.

    Every user is a process of the same system user, this one: see `SimpleLocalProcessSpawner`.

    Args:
        folder: where it keeps all its files; private to this user.
        settings: lines for its configuration, such as who is on the list.
        users: who has a password; whether they are let in is for the settings to say.
        services: who has a token; what they may do is for the settings to say.

    Raises:
        ServiceError: Node.js or the proxy is not installed, or one of the two did not come up.

    """
    folder.chmod(0o700)
    public, api, own = free_ports(3)
    known = Hub(
        url=f"http://127.0.0.1:{public}",
        passwords={user: secrets.token_urlsafe() for user in users},
        tokens={service: secrets.token_hex(16) for service in services},
        folder=folder,
    )
    proxy_token = secrets.token_hex(16)
    conf = folder / "jupyterhub_config.py"
    conf.touch(0o600)
    conf.write_text(
        CONF.format(
            settings=settings,
            passwords=known.passwords,
            tokens=known.tokens,
            url=known.url,
            hub=own,
            api=api,
            cookies=secrets.token_hex(32),
            proxy_token=proxy_token,
            singleuser=[sys.executable, "-m", "jupyterhub.singleuser"],
            environment={"PYTHONPATH": str(ROOT), "JUPYTERHUB_ACTIVITY_INTERVAL": "1"},
            folder=folder,
        ),
        encoding="utf-8",
    )
    environment = {**os.environ, "CONFIGPROXY_AUTH_TOKEN": proxy_token}
    addresses = ["--ip=127.0.0.1", f"--port={public}", "--api-ip=127.0.0.1", f"--api-port={api}"]
    proxy = [PROXY, *addresses, f"--error-target=http://127.0.0.1:{own}/hub/error"]
    routes = urllib.request.Request(f"http://127.0.0.1:{api}/api/routes", headers={"Authorization": f"token {proxy_token}"})
    # It goes on when one of its two ports is somebody else's.
    started = lambda: _answers(routes) and _answers(f"{known.url}/_chp_healthz")  # noqa: E731
    ready = lambda: _answers(f"{known.url}/hub/api/")  # noqa: E731
    with ExitStack() as stack:
        stack.enter_context(running(PROXY, proxy, folder, started, mend=MEND, environment=environment, seconds=10))
        command = [sys.executable, "-m", "jupyterhub", "--config", str(conf)]
        stack.enter_context(running("jupyterhub", command, folder, ready, mend="Its settings stand in examples/services/hub.py."))
        yield known


def _answers(url: str | urllib.request.Request) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@asynccontextmanager
async def _browser(token: str = "") -> AsyncIterator[aiohttp.ClientSession]:
    """A session that keeps cookies, and says it in one message if nobody answers any more."""
    headers = {"Authorization": f"token {token}"} if token else {}
    jar = aiohttp.CookieJar(unsafe=True)  # of an address without a name too
    try:
        async with aiohttp.ClientSession(cookie_jar=jar, headers=headers, timeout=aiohttp.ClientTimeout(60)) as session:
            yield session
    except (aiohttp.ClientConnectionError, TimeoutError) as error:
        raise ServiceError(f"JupyterHub or its proxy does not answer any more: {str(error) or type(error).__name__}") from None


async def status(url: str, token: str = "") -> int:
    """The HTTP status with which a page is answered, to nobody or to whoever holds the token."""
    async with _browser(token) as session, session.get(url, allow_redirects=False) as answer:
        return answer.status


async def login(hub: Hub, name: str, password: str) -> tuple[int, str]:
    """Fill in the login form as a browser does; gives the status of its answer, and a token of one's own or ''."""
    async with _browser() as session:
        async with session.get(f"{hub.url}/hub/login") as page:
            form = re.search(r'name="_xsrf" value="([^"]+)"', await page.text())
        if form is None:
            raise ServiceError("JupyterHub's login page holds no form")
        given = {"username": name, "password": password, "_xsrf": form[1]}
        async with session.post(f"{hub.url}/hub/login", data=given, allow_redirects=False) as answer:
            if answer.status != 302:
                return answer.status, ""
        async with session.get(f"{hub.url}/hub/token") as page:
            cookies = session.cookie_jar.filter_cookies(page.url)
        asked = {"X-XSRFToken": cookies["_xsrf"].value}
        async with session.post(f"{hub.url}/hub/api/users/{name}/tokens", headers=asked, json={}) as made:
            return 200, (await made.json())["token"]


async def start(hub: Hub, name: str, token: str, seconds: float = 60) -> None:
    """Start the server of a user, and wait until it is ready.

    Raises:
        ServiceError: it is refused, or not ready in time.

    """
    mine = f"{hub.url}/hub/api/users/{name}"
    until = time.monotonic() + seconds
    async with _browser(token) as session, session.post(f"{mine}/server") as answer:
        if answer.status not in (201, 202):
            raise ServiceError(f"JupyterHub does not start the server of {name}: {await answer.text()}")
    while await status(f"{hub.url}/user/{name}/api/status", token) != 200:
        if time.monotonic() > until:
            raise ServiceError(f"the server of {name} was not ready after {seconds:.0f} s")
        await asyncio.sleep(0.1)


async def is_up(hub: Hub, name: str, token: str) -> bool:
    """Whether the server of a user is ready, as the hub tells whoever may read that."""
    async with _browser(token) as session, session.get(f"{hub.url}/hub/api/users/{name}") as answer:
        return bool((await answer.json())["servers"].get("", {}).get("ready"))


async def run(hub: Hub, name: str, token: str, code: str) -> str:
    """Run a cell on the server of a user, in a kernel of its own and over its web socket; gives what it printed.

    Raises:
        ServiceError: the cell raised, or the server did not answer.

    """
    api = f"{hub.url}/user/{name}/api/kernels"
    async with _browser(token) as session:
        async with session.post(api, json={"name": "python3"}) as answer:
            if answer.status != 201:
                raise ServiceError(f"the server of {name} starts no kernel: status {answer.status}")
            kernel = f"{api}/{(await answer.json())['id']}"
        try:
            async with session.ws_connect(f"{kernel}/channels") as socket:
                return await _execute(socket, code)
        finally:
            await session.delete(kernel)


async def _execute(socket: aiohttp.ClientWebSocketResponse, code: str) -> str:
    # https://jupyter-client.readthedocs.io/en/stable/messaging.html
    asked = uuid.uuid4().hex
    header = {"msg_id": asked, "msg_type": "execute_request", "session": asked, "username": "", "version": "5.3"}
    content = {"code": code, "silent": False, "allow_stdin": False}
    await socket.send_json({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"})
    printed = ""
    # The reply and the end come over two channels; either may be first.
    waited_for = {"execute_reply", "idle"}
    async for message in socket:
        told = json.loads(message.data)
        if told["parent_header"].get("msg_id") != asked:
            continue
        if told["msg_type"] == "stream":
            printed += told["content"]["text"]
        if told["msg_type"] == "execute_reply":
            replied = told["content"]
            if replied["status"] == "error":
                raise ServiceError(f"the cell raised {replied['ename']}: {replied['evalue']}")
        waited_for -= {told["msg_type"], told["content"].get("execution_state")}
        if not waited_for:
            return printed
    raise ServiceError("the kernel went away")
