"""The JupyterHub of the segment many-users: who comes in, and that it ends with whoever started it, in one message if it must."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from examples.services import ServiceError, hub
from tests.systems.processes import left_in, processes_in

ROOT = Path(__file__).parents[2]
SETTINGS = 'c.Authenticator.allowed_users = {"ana", "ben"}'
STARTER = f"""
import asyncio
import sys
from pathlib import Path

from examples.services import hub


async def work(site):
    _, token = await hub.login(site, "ana", site.passwords["ana"])
    await hub.start(site, "ana", token)
    print("up", flush=True)
    await hub.run(site, "ana", token, "import time; time.sleep(600)")


with hub.hub(Path(sys.argv[1]), {SETTINGS!r}, users=("ana",)) as site:
    asyncio.run(work(site))
"""


def status(url, token):
    """What a plain client of Python's own is answered."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": f"token {token}"}), timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A hub with two users on its list, each with a server, and their tokens; the folder is empty of processes afterwards."""
    folder = tmp_path_factory.mktemp("hub")

    async def begin(site):
        logins = [await hub.login(site, name, site.passwords[name]) for name in ("ana", "ben")]
        tokens = [token for _, token in logins]
        await asyncio.gather(hub.start(site, "ana", tokens[0]), hub.start(site, "ben", tokens[1]))
        return tokens

    with hub.hub(folder, SETTINGS, users=("ana", "ben", "cleo")) as site:
        yield site, *asyncio.run(begin(site))
    assert left_in(folder) == []


def test_a_server_answers_its_owner_and_nobody_else(site):
    site, ana, ben = site
    for name, mine, other in (("ana", ana, ben), ("ben", ben, ana)):
        assert status(f"{site.url}/user/{name}/api/status", mine) == 200
        assert status(f"{site.url}/user/{name}/api/status", other) == 403
        assert status(f"{site.url}/user/{name}/api/contents", other) == 403
        assert status(f"{site.url}/user/{name}/api/status", "0" * 32) == 403
    assert status(f"{site.url}/hub/api/users/ben", ana) == 404  # she is not told that there is one


def test_the_form_lets_in_who_is_on_the_list_with_the_right_password(site):
    site, *_ = site
    assert asyncio.run(hub.login(site, "ana", site.passwords["ben"])) == (403, "")
    assert asyncio.run(hub.login(site, "ana", "")) == (403, "")
    assert asyncio.run(hub.login(site, "cleo", site.passwords["cleo"])) == (403, "")
    assert asyncio.run(hub.login(site, "dora", "")) == (403, "")
    assert len(set(site.passwords.values())) == 3


def test_a_cell_runs_where_its_owner_is_and_an_error_is_one_message(site):
    site, ana, ben = site
    assert asyncio.run(hub.run(site, "ana", ana, "import os; print(os.getcwd(), 6 * 7)")) == f"{site.folder}/homes/ana 42\n"
    with pytest.raises(ServiceError, match=r"^the cell raised ZeroDivisionError: division by zero$"):
        asyncio.run(hub.run(site, "ana", ana, "1 / 0"))
    with pytest.raises(ServiceError, match=r"^the server of ana starts no kernel: status 403$"):
        asyncio.run(hub.run(site, "ana", ben, "1"))


class Socket:
    """What a kernel's web socket says to a cell, in an order that is given."""

    def __init__(self, *told):
        self.told = told

    async def send_json(self, asked):
        self.asked = asked["header"]["msg_id"]

    async def __aiter__(self):
        for kind, content in self.told:
            yield SimpleNamespace(data=json.dumps({"parent_header": {"msg_id": self.asked}, "msg_type": kind, "content": content}))


@pytest.mark.parametrize("order", [1, -1], ids=["the reply first", "the end first"])
def test_the_reply_of_a_cell_counts_whichever_of_its_two_channels_is_faster(order):
    error = {"status": "error", "ename": "ZeroDivisionError", "evalue": "division by zero"}
    for replied, is_given in ((error, pytest.raises(ServiceError, match="ZeroDivisionError")), ({"status": "ok"}, nullcontext())):
        ends = [("execute_reply", replied), ("status", {"execution_state": "idle"})][::order]
        with is_given:
            assert asyncio.run(hub._execute(Socket(("stream", {"text": "42"}), *ends), "6 * 7")) == "42"


def test_nothing_listens_beyond_this_machine_and_nothing_is_for_others_to_read(site):
    site, *_ = site
    sockets = [each for process in processes_in(site.folder) for each in process.net_connections("inet")]
    addresses = {each.laddr.ip for each in sockets if each.status == psutil.CONN_LISTEN}
    assert addresses == {"127.0.0.1"}
    assert site.folder.stat().st_mode & 0o077 == 0
    assert (site.folder / "jupyterhub_config.py").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("moment", ["a failure in the block", "the starter is killed"])
def test_it_ends_with_whoever_started_it_kernels_included(moment, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    starter = [sys.executable, "-c", STARTER, tmp_path]
    with subprocess.Popen(starter, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as started:
        try:
            assert started.stdout.readline() == b"up\n"
            for _ in range(300):
                if any("ipykernel_launcher" in process.cmdline() for process in processes_in(tmp_path)):
                    break
                time.sleep(0.1)
            running = len(processes_in(tmp_path))
        finally:
            # The first is Ctrl-C.
            started.send_signal(signal.SIGINT if moment == "a failure in the block" else signal.SIGKILL)
    assert running >= 4, "proxy, hub, server and kernel"
    assert left_in(tmp_path, seconds=20) == []


def test_without_node_or_the_proxy_there_is_one_message(tmp_path, monkeypatch):
    with monkeypatch.context() as nowhere:
        nowhere.setattr("examples.services.program", lambda name: None)
        with pytest.raises(
            ServiceError, match=r"^configurable-http-proxy: there is no program .*npm; where these are, `make services`"
        ):
            hub.hub(tmp_path, SETTINGS, users=("ana",)).__enter__()
    bare = tmp_path / "bin"
    bare.mkdir()
    (bare / "env").symlink_to(shutil.which("env"))
    monkeypatch.setenv("PATH", str(bare))
    with pytest.raises(ServiceError, match=r"(?s)^configurable-http-proxy ended with status 127.*needs Node\.js.*env.*node"):
        hub.hub(tmp_path, SETTINGS, users=("ana",)).__enter__()
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(("which", "program"), [(0, "configurable-http-proxy"), (1, "configurable-http-proxy"), (2, "jupyterhub")])
def test_a_port_that_somebody_has_taken_is_one_message(which, program, tmp_path, monkeypatch):
    ports = hub.free_ports(3)
    monkeypatch.setattr(hub, "free_ports", lambda count: ports)
    with socket.create_server(("127.0.0.1", ports[which])):
        with pytest.raises(ServiceError, match=rf"(?s)^{program} (ended with|was not ready after) .*(EADDRINUSE|in use)"):
            hub.hub(tmp_path, SETTINGS, users=("ana",)).__enter__()
        assert left_in(tmp_path) == []


def test_a_proxy_that_dies_is_one_message_and_nothing_stays(tmp_path):
    with hub.hub(tmp_path, SETTINGS, users=("ana",)) as site:
        (proxy,) = (process for process in processes_in(tmp_path) if any(hub.PROXY in word for word in process.cmdline()))
        proxy.kill()
        proxy.wait(timeout=10)
        with pytest.raises(ServiceError, match=r"^JupyterHub or its proxy does not answer any more: "):
            asyncio.run(hub.login(site, "ana", site.passwords["ana"]))
    assert left_in(tmp_path) == []
