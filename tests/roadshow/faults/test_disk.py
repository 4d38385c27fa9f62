"""The disk full while a build writes: one message, and the next build is whole."""

import json
import re
import shutil
import subprocess
import sys

import pytest

FULL = """
import os, resource, time

def full(app, *_):
    built, room = app.outdir.parent, int(os.environ["ROOM"])
    if not os.path.ismount(built):
        # As full as a disk can be made without one of its own: no file grows.
        resource.setrlimit(resource.RLIMIT_FSIZE, (room // 20,) * 2)
        return []
    ballast = os.open(built / "ballast", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        while True:
            os.write(ballast, bytes(4096))
    except OSError:
        os.ftruncate(ballast, max(0, os.fstat(ballast).st_size - room))
    return []

def setup(app):
    if at := os.environ.get("FULL_AT"):
        app.connect(at, full, priority=1)
        if os.environ["SLOWLY"]:
            # Two processes have failed when the third is to start: Sphinx then loses why.
            from sphinx.util.parallel import ParallelTasks
            add = ParallelTasks.add_task
            ParallelTasks.add_task = lambda self, *task: (time.sleep(3 * (len(self._procs) == 2)), add(self, *task))
"""
"""In conf.py: from a given event on, there is next to no room where the site is built."""

TWICE = """
import json, os, subprocess, sys
built, mount, *command = sys.argv[1:]
os.makedirs(built)
if mount: subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", built], check=True)
first = subprocess.run(command, capture_output=True, text=True)
if mount: os.remove(built + "/ballast")
second = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "FULL_AT": ""})
if mount: subprocess.run(["cp", "-a", built, built + ".kept"], check=True)
print(json.dumps([[run.returncode, run.stdout, run.stderr] for run in (first, second)]))
"""
"""Build on a disk that fills up, and again when there is room."""


def namespace():
    """The command that starts another where it may mount, by right or by sudo; none where neither is allowed."""
    for command in (["unshare", "-rm"], ["sudo", "-n", "-E", "unshare", "-m"]):
        if shutil.which(command[0]):
            tried = [*command, "mount", "-t", "tmpfs", "none", "/mnt"]
            if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
                return command
    return []


CASES = {
    "no store": ("env-get-outdated", 0, "1"),
    "outputs": ("env-get-outdated", 100_000, "1"),
    "parallel reading": ("env-before-read-docs", 0, "2"),
    "slow parallel reading": ("env-before-read-docs", 0, "2"),
    "environment": ("env-updated", 2_000, "1"),
    "styles": ("env-check-consistency", 200_000, "1"),
    "page": ("html-page-context", 0, "1"),
    "parallel writing": ("html-page-context", 10_000, "2"),
    "decks": ("html-collect-pages", 20_000, "2"),
}


LIMITED = ("no store", "styles", "parallel writing")
DISKS = [(name, "tmpfs") for name in CASES] + [(name, "limit") for name in LIMITED]


@pytest.mark.parametrize(("case", "disk"), DISKS)
def test_a_full_disk_is_told_once_and_the_next_build_is_whole(project, differences, monkeypatch, case, disk):
    at, room, jobs = CASES[case]
    (project.root / "conf.py").write_text((project.root / "conf.py").read_text() + FULL)
    built = project.root / "_build"
    monkeypatch.setenv("FULL_AT", at)
    monkeypatch.setenv("ROOM", str(room))
    monkeypatch.setenv("SLOWLY", "1" if case.startswith("slow") else "")
    before = namespace() if disk == "tmpfs" else []
    site = [sys.executable, "-m", "sphinx", "-W", "-N", "-j", jobs, str(project.root), str(built / "html")]
    twice = [*before, sys.executable, "-c", TWICE, str(built), "tmpfs" if before else "", *site]
    done = subprocess.run(twice, capture_output=True, text=True, check=True)
    (status, out, err), (again, _, later) = json.loads(done.stdout)
    assert status == 1, out + err
    assert len(err.strip().splitlines()) == 1, err
    told = err
    assert str(built) in told
    assert re.search("Make room on it|Raise the limit|See to it", told)
    assert "Traceback" not in out
    assert (again, later) == (0, "")
    if before:
        built.rmdir()
        built.with_suffix(".kept").rename(built)
    assert differences() == []
