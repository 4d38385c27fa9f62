"""A build that is broken off, and two at once: one line, no process left, and the next build is whole."""

import os
import random
import re
import signal
import subprocess

import pytest

COUNT = """
import os, sys

root, counted = os.environ["FAULT_ROOT"] + os.sep, os.open(os.environ["FAULT_COUNT"], os.O_RDWR | os.O_APPEND | os.O_CREAT)
moment, number, main = int(os.environ["FAULT_MOMENT"]), int(os.environ["FAULT_SIGNAL"]), os.getpid()

def hook(event, args):
    if event == "open" and isinstance(args[0], str) and args[0].startswith(root):
        os.write(counted, b".")
        if os.fstat(counted).st_size == moment:
            # As a terminal does on Ctrl-C: to all; as a scheduler does: to the one that it started.
            (os.killpg if number == 2 else os.kill)(main, number)

if "sphinx" in sys.orig_argv:
    sys.addaudithook(hook)
"""
"""Python imports this at its start: the signal comes when the build, in any process of it, opens its n-th file of the project."""


@pytest.fixture
def interrupted(project, build, tmp_path):
    """Build, with a signal at a moment; gives the build, and how many moments it had."""
    hook, count = tmp_path / "hook", tmp_path / "count"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(COUNT)

    def go(moment, number, *options):
        count.unlink(missing_ok=True)
        fault = {"FAULT_ROOT": project.root, "FAULT_COUNT": count, "FAULT_MOMENT": moment, "FAULT_SIGNAL": int(number)}
        path = f"{hook}{os.pathsep}{os.environ['PYTHONPATH']}"
        done = build(*options, PYTHONPATH=path, **{name: str(value) for name, value in fault.items()})
        return done, count.stat().st_size

    return go


def test_ten_random_moments(project, build, interrupted, differences, left):
    whole, moments = interrupted(0, signal.SIGINT)
    assert whole.returncode == 0
    assert moments > 50
    for turn, moment in enumerate(random.Random(1).sample(range(1, moments), 10)):
        subprocess.run(["rm", "-rf", project.root / "_build"], check=True)
        number = (signal.SIGINT, signal.SIGTERM)[turn % 2]
        case = f"{number.name} at the {moment}. of {moments} files"
        done, reached = interrupted(moment, number, "-j", str(1 + turn % 3))
        if reached < moment:
            # So many files one build opens, and another a few less: this one had ended before its moment came.
            subprocess.run(["rm", "-rf", project.root / "_build"], check=True)
            done, reached = interrupted(reached // 2, number, "-j", str(1 + turn % 3))
        assert done.returncode == 2, (case, reached, done.stdout, done.stderr)
        # A kernel that is caught as it starts may have a line of its own.
        said = [line for line in done.stderr.splitlines() if line and not line.startswith("[IPKernelApp]")]
        assert said == ["Interrupted!"], case
        assert left() == [], case
        again = build()
        assert (again.returncode, again.stderr) == (0, ""), case
        assert differences() == [], case


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_killed_build_leaves_nothing_that_is_trusted(project, build, interrupted, differences, left, jobs):
    _, moments = interrupted(0, signal.SIGINT)
    for part in (0.4, 0.9):
        subprocess.run(["rm", "-rf", project.root / "_build"], check=True)
        done, _ = interrupted(int(part * moments), signal.SIGKILL, "-j", jobs)
        assert done.returncode == -signal.SIGKILL
        # At once: the lock of the killed build does not block, and what it left running is waited for.
        again = build()
        assert (again.returncode, again.stderr) == (0, "")
        assert differences() == []
        assert left() == []


def test_two_builds_at_once(project, start, build, differences):
    wait = f"while not os.path.exists({str(project.root.parent / 'go')!r}): time.sleep(0.05)"
    project.change("talks/segments/gamma.md", "import os\n", f"import os, time\n{wait}\n")
    first = start()
    for line in first.stdout:
        if "running the cells" in line:
            break
    second = build()
    assert second.returncode == 1
    (told,) = second.stderr.strip().splitlines()
    assert re.search(rf"{project.root}/_build/\S+: another build \(process {first.pid}\) is at work here", told)
    (project.root.parent / "go").touch()
    _, err = first.communicate(timeout=60)
    assert (first.returncode, err) == (0, "")
    assert project.runs().count("gamma") == 1
    assert build().returncode == 0


@pytest.mark.parametrize("name", ["_static/mine.css", "mine.txt"])
def test_a_file_of_somebody_s_own_where_nothing_was_built_stays(project, build, name):
    mine = project.root / "_build/html" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    assert build().returncode == 0
    assert mine.read_text() == "mine"


def test_a_folder_for_the_pages_that_cannot_be_made_is_named(project, build):
    (project.root / "_build/html").mkdir(parents=True)
    (project.root / "_build/html").chmod(0o500)
    before = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.geteuid() == 0 else []
    done = build(before=before)
    (project.root / "_build/html").chmod(0o700)
    assert done.returncode == 1
    (told,) = done.stderr.strip().splitlines()
    assert told.startswith(f"{project.root}/_build/html/.doctrees: permission denied.")
