"""Builds in a process of their own, in which a fault is put in on purpose, and what a build without one gives."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests import same_bytes

TREE = Path(__file__).parents[3]


@pytest.fixture
def project(project, monkeypatch):
    """The small project with a picture, and with more pages of cells, so that there is a process which forks kernels."""
    monkeypatch.setenv("PYTHONPATH", f"{TREE / 'src'}{os.pathsep}{TREE}")
    alpha = (project.root / "talks/segments/alpha.md").read_text(encoding="utf-8")
    for name in ("gamma", "delta", "epsilon"):
        project.write(f"talks/segments/{name}.md", alpha.replace("# Alpha", f"# {name}").replace("alpha\\n", f"{name}\\n"))
    project.change("talks/segments/delta.md", "import os", PICTURE + "import os")
    return project


PICTURE = """from base64 import b64decode
from IPython.display import Image, display
dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
display(Image(b64decode(dot)))
"""


@pytest.fixture
def start(project):
    """Start a build of the project in a process of its own, by the command `before` it, with and `without` some environment."""
    started = []

    def go(*options, before=(), without=(), into=None, **environment):
        folders = [project.root, (into or project.root / "_build") / "html"]
        command = [*before, sys.executable, "-m", "sphinx", "-W", "-N", *options, *folders]
        environ = {name: value for name, value in os.environ.items() if name not in without} | environment
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, stdout=pipe, stderr=pipe, env=environ, start_new_session=True, text=True))
        return started[-1]

    yield go
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def build(start):
    """As `start`, to its end: its status, and what it said."""

    def go(*options, **how):
        process = start(*options, **how)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return go


@pytest.fixture(scope="session")
def known(tmp_path_factory):
    return tmp_path_factory.mktemp("clean") / "html"


@pytest.fixture
def differences(project, build, known):
    """Gives what the site differs in from one built without a fault; all the projects here are the same."""
    if not known.exists():
        done = build()
        assert (done.returncode, done.stderr) == (0, "")
        (project.root / "_build/html").rename(known)
        shutil.rmtree(project.root / "_build")
        project.runs_file.unlink()
    return lambda into=None: same_bytes.differences(known, (into or project.root / "_build") / "html")


@pytest.fixture
def left(project):
    """The processes of the project's builds that still run, after some time to end in."""

    def find():
        mine, end = [None], time.monotonic() + 20
        while mine and time.monotonic() < end:
            mine = [process for process in psutil.process_iter() if _environment(process).get("RUNS") == str(project.runs_file)]
            mine = [process for process in mine if process.pid != os.getpid()]
            time.sleep(0.05)
        return mine

    return find


def _environment(process):
    try:
        return process.environ()
    except psutil.Error:
        return {}
