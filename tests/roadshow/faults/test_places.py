"""Where and how a build may run: a source tree that cannot be written, odd names, no home, the C locale."""

import os
import subprocess

import pytest

MAY_ALL = "-dac_override,-dac_read_search"
PLAIN_ROOT = ["setpriv", f"--bounding-set={MAY_ALL}", f"--inh-caps={MAY_ALL}"] if os.geteuid() == 0 else []
"""The command that starts another for which permissions bind, as they do not for root."""


def tree(root):
    return {path.relative_to(root): (path.stat().st_size, path.stat().st_mtime_ns) for path in root.rglob("*")}


@pytest.fixture
def read_only(project):
    subprocess.run(["chmod", "-R", "a-w", project.root], check=True)
    yield project.root
    subprocess.run(["chmod", "-R", "u+w", project.root], check=True)


def test_a_source_tree_that_cannot_be_written(differences, read_only, build, tmp_path):
    before = tree(read_only)
    assert subprocess.run([*PLAIN_ROOT, "touch", read_only / "new"], capture_output=True, check=False).returncode == 1
    done = build("-j", "2", before=PLAIN_ROOT, into=tmp_path / "elsewhere")
    assert (done.returncode, done.stderr) == (0, "")
    assert tree(read_only) == before
    assert differences(tmp_path / "elsewhere") == []


def test_a_folder_that_cannot_be_written_is_named(differences, read_only, build):
    done = build(before=PLAIN_ROOT)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"{read_only}/_build: permission denied. Make it yours (ls -l shows whose it is), "
        "or build into a folder of your own: sphinx-build . FOLDER"
    )
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_spaces_accents_no_home_and_the_c_locale(project, differences, build, jobs):
    odd = project.root.with_name("Été à Exeter, 50 % [neige] 雪")
    project.root.rename(odd)
    project.root = odd
    done = build("-j", jobs, without=["HOME", "LANG", "LC_CTYPE"], LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, "")
    assert differences() == []


def test_ascii_only(project, differences, build):
    done = build(without=["HOME"], LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert differences() == []


def test_a_user_whom_the_system_does_not_know_and_no_home(project, differences, build, tmp_path):
    (tmp_path / "hook").mkdir()
    # As in a container that runs under a number without a name.
    (tmp_path / "hook/sitecustomize.py").write_text("import pwd\ndef getpwuid(uid): raise KeyError(uid)\npwd.getpwuid = getpwuid\n")
    done = build(without=["HOME"], PYTHONPATH=f"{tmp_path / 'hook'}{os.pathsep}{os.environ['PYTHONPATH']}")
    assert (done.returncode, done.stderr) == (0, "")
    assert differences() == []
