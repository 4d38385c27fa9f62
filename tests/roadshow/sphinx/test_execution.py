"""When cells run: once, and again exactly when something that they depend on has changed."""

import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest

from roadshow.cli import app
from roadshow.ledger import read_ledger
from roadshow.sphinx import store


@pytest.fixture
def built(project):
    assert project.build().status == 0
    assert project.runs() == ["alpha"]
    return project


def test_cells_run_once_for_the_site_and_all_decks(project):
    for name in ("two", "three"):
        project.write(f"talks/{name}.md", f"# {name}\n\n```{{deck}}\n:slot: 9\nalpha full maintainer\n```\n")
    assert project.build("-j", "4").status == 0
    assert project.runs() == ["alpha"]
    assert "41 some data" in project.html("talks/three-slides").text


def test_nothing_changed_runs_nothing(built):
    assert built.build().status == 0
    assert built.runs() == ["alpha"]


def test_a_third_deck_runs_nothing(built):
    built.write("talks/three.md", "# Three\n\n```{deck}\n:slot: 9\nalpha full scientist\n```\n")
    assert built.build().status == 0
    assert built.runs() == ["alpha"]
    assert "41 some data" in built.html("talks/three-slides").text


def test_a_change_of_prose_runs_nothing_and_is_shown(built):
    built.change("talks/segments/alpha.md", "For readers", "For all readers")
    assert built.build().status == 0
    assert built.runs() == ["alpha"]
    assert "For all readers" in built.html("talks/segments/alpha").text


@pytest.mark.parametrize(
    ("name", "old", "new", "shown"),
    [
        ("examples/thing.py", "VALUE = 41", "VALUE = 42", "42 some data"),
        ("data.txt", "some data", "new! data", "41 new! data"),
        ("talks/segments/alpha.md", "print(VALUE,", "print(-VALUE,", "-41 some data"),
    ],
    ids=["module", "data", "cell"],
)
def test_a_change_of_what_the_cells_use_runs_them_again(built, name, old, new, shown):
    times = os.stat(built.root / name)
    built.change(name, old, new)
    # As after a checkout or a copy that keeps times: only the content tells.
    os.utime(built.root / name, ns=(times.st_atime_ns, times.st_mtime_ns))
    if name.endswith(".md"):
        os.utime(built.root / name)
    result = built.build()
    assert result.status == 0
    assert "ran talks/segments/alpha.md" in result.out
    assert built.runs() == ["alpha", "alpha"]
    assert shown in built.html("talks/one-slides").text
    assert shown in built.html("talks/segments/alpha").text


def test_a_change_in_one_segment_runs_only_its_cells(built):
    text = (built.root / "talks/segments/alpha.md").read_text(encoding="utf-8")
    built.write("talks/segments/gamma.md", text.replace("# Alpha", "# Gamma").replace('"alpha\\n"', '"gamma\\n"'))
    assert built.build().status == 0
    assert built.runs() == ["alpha", "gamma"]
    built.change("talks/segments/gamma.md", "print(VALUE,", "print(2 * VALUE,")
    assert built.build().status == 0
    assert built.runs() == ["alpha", "gamma", "gamma"]


def test_a_file_that_only_a_worker_process_opens_counts_too(built):
    built.write("examples/worker.py", "def read(name):\n    return open(name).read()\n")
    built.write("far.txt", "far")
    code = """import subprocess, sys
print(subprocess.run([sys.executable, "-c", "from examples.worker import read; print(read('far.txt'))"],
      capture_output=True, text=True).stdout)"""
    built.change("talks/segments/alpha.md", "import os", code + "\nimport os")
    assert built.build().status == 0
    for name, old, new in (("far.txt", "far", "near"), ("examples/worker.py", "read()", "read() + '!'")):
        built.change(name, old, new)
        assert "ran talks/segments/alpha.md" in built.build().out
    assert "near!" in built.html("talks/segments/alpha").text.replace("\n", "")


@pytest.mark.parametrize("prefix", [None, "compiled"], ids=["beside", "elsewhere"])
def test_a_module_that_python_has_compiled_counts_by_its_source(project, tmp_path, monkeypatch, prefix):
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    if prefix:
        monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / prefix))
        monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / prefix))
    assert project.build().status == 0
    project.change("talks/segments/alpha.md", "print(VALUE,", "print(2 * VALUE,")
    assert "ran talks/segments/alpha.md" in project.build().out
    project.change("examples/thing.py", "VALUE = 41", "VALUE = 50")
    assert "ran talks/segments/alpha.md" in project.build().out
    assert "100 some data" in project.html("talks/one-slides").text


def test_a_lost_output_is_made_again(built):
    [executed] = (built.root / "_build/.jupyter_cache/executed").glob("*/base.ipynb")
    executed.unlink()
    assert built.build().status == 0
    assert built.runs() == ["alpha", "alpha"]


def test_many_segments_on_an_empty_cache_in_parallel(project):
    text = (project.root / "talks/segments/alpha.md").read_text(encoding="utf-8")
    for number in range(6):
        copy = text.replace("# Alpha", f"# Copy number {number}").replace('"alpha\\n"', f'"{number}\\n"')
        project.write(f"talks/segments/copy-{number}.md", copy)
    result = project.build("-j", "8")
    assert result.status == 0
    assert sorted(project.runs()) == ["0", "1", "2", "3", "4", "5", "alpha"]
    assert result.out.count(" s [") == 7
    assert "[7/7]" in result.out


MEASURED = """---
file_format: mystnb
kernelspec: {{name: python3, display_name: Python 3}}
minutes: 1
{measures}
---
# Page {name}

```{{code-cell}} python
import os, time
def log(sign):
    with open(os.environ["RUNS"], "a") as file:
        file.write(sign + "{name}\\n")
log("+")
time.sleep(0.5)
log("-")
```
"""


def test_pages_that_measure_run_alone_and_last(project):
    for name, measures in (("a", "measures: true"), ("b", ""), ("c", "measures: true")):
        project.write(f"talks/segments/{name}.md", MEASURED.format(name=name, measures=measures))
    assert project.build("-j", "2").status == 0
    runs = [run for run in project.runs() if run != "alpha"]
    assert runs[:2] == ["+b", "-b"]
    assert runs[2:] in (["+a", "-a", "+c", "-c"], ["+c", "-c", "+a", "-a"])


def test_a_cell_that_raises_stops_the_build_with_one_clear_message(project):
    project.change("talks/segments/alpha.md", "print(VALUE,", "print(1 / 0,")
    result = project.build()
    assert result.status == 1
    assert "talks/segments/alpha.md:20: cell 1 of 'alpha' raised ZeroDivisionError: division by zero" in result.err
    assert "ZeroDivisionError: division by zero" in result.err.split("raised")[1]
    assert "It is shown in talks/one." in result.err
    assert "Mend the cell, or tag it `raises-exception`" in result.err
    assert "sphinx-err" not in result.err
    assert "Sphinx version" not in result.err
    assert not (project.root / "_build/html/index.html").exists()


HIDE_A_PACKAGE = """import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "iris_sample_data" else find(name)
from examples import catalogue
catalogue.open("ostia")
from examples"""


def test_a_data_package_that_is_missing_is_named_with_the_command_that_brings_it(project):
    examples = Path(__file__).parents[3] / "examples"
    for name in (
        "__init__.py",
        "catalogue.py",
        "checksums.py",
        "ensemble.py",
        "iris_bridge.py",
        "one_pass.py",
        "overlay.py",
        "samples.py",
    ):
        project.write(f"examples/{name}", (examples / name).read_text(encoding="utf-8"))
    project.change("talks/segments/alpha.md", "python\nfrom examples", f"python\n{HIDE_A_PACKAGE}")
    result = project.build()
    assert result.status == 1
    assert "cell 1 of 'alpha' raised MissingData" in result.err
    assert "the data set 'ostia' needs the package iris-sample-data, which is not installed; run: pip install" in result.err


def test_a_failure_is_not_kept(project):
    project.change("data.txt", "some data", "")
    (project.root / "data.txt").unlink()
    assert project.build().status == 1
    project.write("data.txt", "some data")
    assert project.build().status == 0
    assert "41 some data" in project.html("talks/one-slides").text


def test_an_error_that_is_the_point_may_be_shown(project):
    project.change("talks/segments/alpha.md", "python\nfrom", "python\n:tags: [raises-exception]\nfrom")
    project.change("talks/segments/alpha.md", "print(VALUE,", "print(1 / 0,")
    assert project.build().status == 0
    assert "ZeroDivisionError" in project.html("talks/one-slides").text


def test_a_cell_that_kills_its_kernel_is_named(project):
    project.change("talks/segments/alpha.md", "import os\n", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    result = project.build()
    assert result.status == 1
    assert "cell 2 of 'alpha' ended its kernel" in result.err


def test_a_cell_that_hangs_is_named(project):
    project.change("conf.py", 'mode = "cache"', 'mode = "cache"\nnb_execution_timeout = 2')
    project.change("talks/segments/alpha.md", "print(VALUE,", "import time; time.sleep(60); print(VALUE,")
    result = project.build()
    assert result.status == 1
    assert "cell 1 of 'alpha' took longer than 2 s" in result.err


def test_ctrl_c_leaves_no_kernel_and_the_next_build_is_whole(project):
    pause = "import time; time.sleep(float(open('pause.txt').read()))"
    project.change("talks/segments/alpha.md", "print(VALUE,", f"{pause}; print(VALUE,")
    project.write("pause.txt", "60")
    command = [sys.executable, "-m", "sphinx", "-W", str(project.root), str(project.root / "_build/html")]
    build = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not _kernels(project):
        time.sleep(0.1)
    time.sleep(1)
    build.send_signal(signal.SIGINT)
    assert build.wait(timeout=30) != 0
    assert _kernels(project) == []
    project.write("pause.txt", "0")
    assert project.build().status == 0
    assert "41 some data" in project.html("talks/one-slides").text


def _kernels(project):
    found = []
    for process in os.listdir("/proc"):
        try:
            environ = Path(f"/proc/{process}/environ").read_bytes() if process.isdigit() else b""
        except OSError:
            continue
        if b"ROADSHOW_TRACE" in environ and str(project.root).encode() in environ:
            found.append(process)
    return found


def _add(project, name, code, front=""):
    """Add a segment of one cell."""
    kernel = "kernelspec: {name: python3, display_name: Python 3}"
    project.write(
        f"talks/segments/{name}.md",
        f"---\nfile_format: mystnb\n{kernel}\nminutes: 1\n{front}---\n# {name.title()}\n\n"
        f"```{{code-cell}} python\nopen(__import__('os').environ['RUNS'], 'a').write('{name}\\n')\n{code}\n```\n",
    )


@pytest.mark.parametrize(("package", "again"), [("cmocean", ["gamma"]), ("ipykernel", ["alpha", "gamma"]), ("sphinx", [])])
def test_another_version_of_a_package_runs_the_cells_that_import_it(project, monkeypatch, package, again):
    _add(project, "gamma", "import cmocean")
    assert project.build().status == 0
    assert sorted(project.runs()) == ["alpha", "gamma"]
    installed = {**store.installed(), package: "0.0"}
    monkeypatch.setattr(store, "installed", lambda: installed)
    assert project.build().status == 0
    assert sorted(project.runs()[2:]) == again


def test_another_python_runs_all_cells(built, monkeypatch):
    monkeypatch.setattr(sys, "version", sys.version + " of another build")
    assert built.build().status == 0
    assert built.runs() == ["alpha", "alpha"]


@pytest.mark.parametrize("spoilt", ["truncated", "changed"])
def test_outputs_that_are_not_as_they_were_stored_are_made_again(built, spoilt):
    [executed] = (built.root / "_build/.jupyter_cache/executed").glob("*/base.ipynb")
    text = executed.read_text(encoding="utf-8")
    executed.write_text(text[:100] if spoilt == "truncated" else text.replace("41 some data", "42 some data"), encoding="utf-8")
    (built.root / "_build/html/talks/segments/alpha.html").unlink()
    assert built.build().status == 0
    assert built.runs() == ["alpha", "alpha"]
    assert "41 some data" in built.html("talks/segments/alpha").text


WRITES = {
    "python": "open('left.nc', 'w').write('x')",
    "a library": "import netCDF4; netCDF4.Dataset('left.nc', 'w').close()",
}


@pytest.mark.parametrize("code", WRITES.values(), ids=WRITES)
def test_a_cell_that_writes_into_the_source_tree_is_refused_again_and_again(project, code):
    _add(project, "gamma", code)
    for _ in range(2):
        result = project.build()
        assert result.status == 1
        assert "talks/segments/gamma.md: a cell wrote left.nc into the source tree" in result.err
        assert "alpha" not in result.err
        assert not (project.root / "_build/html/index.html").exists()
    project.change("talks/segments/gamma.md", code, "")
    (project.root / "left.nc").unlink()
    assert project.build().status == 0


def test_a_cell_that_writes_a_temporary_file_is_not_refused(project):
    _add(project, "gamma", "import tempfile; f = tempfile.NamedTemporaryFile('w'); f.write('x')")
    assert project.build().status == 0


def test_a_cell_that_prints_without_end_is_stopped_and_named(project):
    _add(project, "gamma", "for _ in range(100): print('x' * 2**20)")
    result = project.build()
    assert result.status == 1
    assert "talks/segments/gamma.md:9: cell 1 of 'gamma' put out more than 10 MiB, which no page can show" in result.err
    assert result.err.count("cell 1 of") == 1


def test_a_line_that_a_kernel_sends_in_two_parts_is_one_line(project):
    _add(project, "gamma", "print('one', end=' ', flush=True)\nprint('line', flush=True)\nprint('another')")
    assert project.build().status == 0
    [shown] = project.html("talks/segments/gamma").select(".cell_output .output.stream")
    assert shown.text.strip().splitlines() == ["one line", "another"]


def test_a_page_has_a_time_limit_of_its_own(project):
    _add(project, "gamma", "import time; time.sleep(60)", "mystnb: {execution_timeout: 2}\n")
    result = project.build()
    assert result.status == 1
    assert "cell 1 of 'gamma' took longer than 2 s" in result.err


@pytest.fixture
def many(project):
    """A project with more pages than cores, so that its kernels are forked."""
    cores = len(os.sched_getaffinity(0))
    for number in range(cores):
        _add(project, f"page-{number}", "import sys; print('cmocean' in sys.modules, __name__, sys.argv[1], sys.path[0])")
    project.change("conf.py", 'mode = "cache"', 'mode = "cache"\nroadshow_preload = ["cmocean"]')
    return project


def test_many_kernels_find_imported_what_the_project_names(many):
    assert many.build().status == 0
    assert "True __main__ -f" in many.html("talks/segments/page-0").text
    # A kernel for one page starts as Jupyter starts it, and differs in nothing else.
    many.change("talks/segments/page-0.md", "print(", "print(2, ")
    assert many.build().status == 0
    assert "2 False __main__ -f" in many.html("talks/segments/page-0").text


def test_a_forked_kernel_is_a_process_of_its_own(many):
    _add(many, "gamma", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    result = many.build()
    assert result.status == 1
    assert "cell 1 of 'gamma' ended its kernel" in result.err
    assert result.err.count("ended its kernel") == 1
    assert len(many.runs()) == 2 + len(os.sched_getaffinity(0))
    assert _kernels(many) == []


def test_a_forked_kernel_cannot_say_anything_beside_its_page(many):
    # Libraries in C write to standard error past Python, for one when a kernel is told to end while it still sends.
    ours = "os.readlink(f'/proc/{os.getppid()}/fd/2')"
    held = "[os.path.realpath(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')]"
    _add(many, "gamma", f"import os\nprint('held:', {ours} in {held})")
    assert many.build().status == 0
    assert "held: False" in many.html("talks/segments/gamma").text


def test_what_forked_kernels_open_counts_for_each_alone(many):
    many.write("examples/far.txt", "far")
    _add(many, "gamma", "print(open('examples/far.txt').read())")
    assert many.build().status == 0
    before = len(many.runs())
    many.write("examples/far.txt", "near")
    assert many.build().status == 0
    assert many.runs()[before:] == ["gamma"]
    assert "near" in many.html("talks/segments/gamma").text


def test_a_page_that_is_gone_is_no_longer_in_the_ledger(project):
    _add(project, "gamma", "print('here')")
    assert project.build().status == 0
    store = project.root / "_build/.jupyter_cache"
    assert {record.name for record in read_ledger(store)} == {"talks/segments/alpha", "talks/segments/gamma"}
    (project.root / "talks/segments/gamma.md").unlink()
    assert project.build().status == 0
    assert {record.name for record in read_ledger(store)} == {"talks/segments/alpha"}


def test_a_module_that_cannot_be_preloaded_is_named(many):
    many.change("conf.py", '["cmocean"]', '["cmocean", "nowhere"]')
    result = many.build()
    assert result.status == 1
    assert "roadshow_preload in conf.py names 'nowhere', which cannot be imported: No module named 'nowhere'" in result.err
    assert many.runs() == []


def test_the_ledger_says_what_each_cell_took_and_gave(project):
    project.change("talks/segments/alpha.md", "import os\n", "import os\nblock = bytearray(300 * 2**20)\n")
    assert project.build().status == 0
    [record] = read_ledger(project.root / "_build/.jupyter_cache")
    executed = nbformat.read(project.root / f"_build/.jupyter_cache/executed/{record.cells}/base.ipynb", as_version=4)
    cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    for run, cell in zip(record.runs, cells, strict=True):
        assert run.outputs == hashlib.sha256(json.dumps(cell.outputs, sort_keys=True).encode()).hexdigest()
    first, second = record.runs
    assert second.memory > 300 * 2**20 > first.memory
    assert 0 < first.seconds < record.seconds
    foot = project.html("talks/segments/alpha").select_one(".cells-ran").text
    assert f"Python {platform.python_version()}" in foot
    assert datetime.fromtimestamp(record.started, UTC).strftime("%B %Y, %H:%M UTC") in foot
    assert project.html("talks/one").select_one(".cells-ran").text == foot
    assert project.html("index").select_one(".cells-ran") is None


def test_the_ledger_is_printed_by_page_and_line(project, capsys):
    project.build()
    capsys.readouterr()
    with pytest.raises(SystemExit) as status:
        app(["ledger", "--store", str(project.root / "_build/.jupyter_cache")])
    printed = capsys.readouterr().out
    assert status.value.code == 0
    assert "talks/segments/alpha" in printed
    lines = (project.root / "talks/segments/alpha.md").read_text(encoding="utf-8").splitlines()
    assert f"line {lines.index('from examples.thing import VALUE') + 1}" in printed
    assert "2 cells of 1 pages" in printed
    with pytest.raises(SystemExit, match="no cell has run yet; build first: make site"):
        app(["ledger", "--store", str(project.root)])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("For readers before", "For all readers before"),
        ("Said **aloud**", "Said softly"),
        (":tags: [hide-input]", ":tags: [hide-input, measured]"),
        ("minutes: 5", "minutes: 6"),
        (":layout: split", ":layout: stack"),
        ("## In short", "## In brief"),
    ],
    ids=["prose", "notes", "tags", "minutes", "slide", "title"],
)
def test_what_cells_do_not_depend_on_runs_none(built, old, new):
    built.change("talks/segments/alpha.md", old, new)
    assert built.build().status == 0
    assert built.runs() == ["alpha"]
    assert "41 some data" in built.html("talks/segments/alpha").text
    [record] = read_ledger(built.root / "_build/.jupyter_cache")
    lines = (built.root / "talks/segments/alpha.md").read_text(encoding="utf-8").splitlines()
    assert record.runs[0].line == lines.index("from examples.thing import VALUE") + 1


def test_a_forked_kernel_shows_figures_as_any_other(many):
    many.change("conf.py", '["cmocean"]', '["matplotlib.pyplot"]')
    for name, end in (("gamma", ""), ("delta", "\nplt.show()")):
        _add(many, name, f"import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\nline = axes.plot([1, 2]){end}")
    assert many.build().status == 0
    forked = [many.html(f"talks/segments/{name}").select_one(".cell_output img")["src"] for name in ("gamma", "delta")]
    assert forked[0] == forked[1]
    many.change("talks/segments/gamma.md", "axes.plot([1, 2])", "axes.plot([1, 2]) ")
    assert many.build().status == 0
    assert many.html("talks/segments/gamma").select_one(".cell_output img")["src"] == forked[0]


def test_the_temporary_files_of_a_kernel_that_is_killed_end_with_its_run(project, tmp_path):
    kept = tmp_path / "kept"
    project.change(
        "talks/segments/alpha.md",
        "import os\n",
        f"import os, signal, tempfile\nopen({str(kept)!r}, 'w').write(tempfile.mkdtemp())\nos.kill(os.getpid(), signal.SIGKILL)\n",
    )
    assert project.build().status == 1
    left = Path(kept.read_text())
    assert not left.exists()
    assert not left.parent.exists()
