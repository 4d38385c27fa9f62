"""Measure builds of this site, by themselves and beside other tools with the same talks: ``make bench`` writes RESULTS.md.

Everything is built in copies, the sides in turn in one run; what counts is the ratio.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

import content
import peers
import psutil

from roadshow.ledger import read_ledger

Row = tuple[str, str]
CORES = len(os.sched_getaffinity(0))


def timed(action: Callable[..., object], *given: object) -> float:
    """The wall time of `action`, in seconds."""
    start = time.perf_counter()
    action(*given)
    return time.perf_counter() - start


def build(folder: Path) -> None:
    """Build a copy of this project as `make site` does."""
    peers.run([sys.executable, "-m", "sphinx", "-W", "-q", "-j", "auto", str(folder), str(folder / "_build/html")], folder)


def runs(folder: Path) -> dict[str, float]:
    """When the cells of each page ran last."""
    return {record.name: record.started for record in read_ledger(folder / "_build/.jupyter_cache")}


def pages_run(folder: Path, before: dict[str, float]) -> int:
    """How many pages have run their cells since."""
    return sum(before.get(name) != started for name, started in runs(folder).items())


def reached(figure: str, goal: str, well: bool) -> str:
    """A figure with what was to be reached, and whether it was."""
    return f"**{figure}** (to reach: {goal}; {'reached' if well else 'missed'})"


def against_peers(work: Path, ours: Path, what: str) -> list[Row]:
    """The same cells, cold, with each tool."""
    print(f"{what}: against other tools", file=sys.stderr)
    cold = timed(build, ours)
    rows = [(f"{what}: this project, site and decks", f"{cold:.1f} s")]
    names = {
        "sphinx": "plain Sphinx with myst-nb, a page per segment and deck",
        "nbconvert": "nbconvert to slides, a notebook per deck",
    }
    times = {}
    for name, tool in names.items():
        folder = getattr(peers, f"prepare_{name}")(ours, work / f"{name} of {ours.name}")
        times[name] = timed(getattr(peers, name), folder)
        rows.append((f"{what}: {tool}", f"{times[name]:.1f} s"))
    fastest = min(times.values())
    share = cold / fastest
    found = reached(f"{share:.2f}", "0.5", share <= 0.5)
    rows.append((f"{what}: this project, of the fastest that executes and renders it", found))
    if peers.MYSTMD.exists():
        alone = timed(peers.mystmd, peers.prepare_mystmd(ours, work / f"mystmd of {ours.name}"))
        note = "the segments' cells alone, no page and no deck (its template is on the network)"
        rows.append((f"{what}: mystmd {version_of_mystmd()}, {note}", f"{alone:.1f} s; this project with all: {cold / alone:.2f}"))
    return rows


def version_of_mystmd() -> str:
    """The version of mystmd that is measured."""
    return (
        subprocess.run([peers.MYSTMD / "myst", "--version"], capture_output=True, text=True, check=True).stdout.strip().lstrip("v")
    )


def warm(ours: Path, page: Path, cell: tuple[str, str]) -> list[Row]:
    """Builds after little or nothing has changed, beside plain Sphinx."""
    print("warm builds", file=sys.stderr)
    shutil.rmtree(ours / "_build", ignore_errors=True)
    cold = timed(build, ours)
    build(ours)
    plain = peers.prepare_sphinx(ours, ours.parent / "myst-parser", "myst_parser", "off")
    peers.sphinx(plain)
    nothing, others = [], []
    for _ in range(7):
        nothing.append(timed(build, ours))
        others.append(timed(peers.sphinx, plain))
    before, prose = runs(ours), []
    for number in range(5):
        content.change(page, "\n## ", f"\nA word more, the {number}th.\n\n## ")
        prose.append(timed(build, ours))
    after_prose = pages_run(ours, before)
    before = runs(ours)
    content.change(page, *cell)
    one_cell = timed(build, ours)
    after_cell = pages_run(ours, before)
    before = runs(ours)
    # In an order that explains each term before its use.
    content.add_deck(ours, "another", next(iter(content.decks(ours).values())))
    one_deck = timed(build, ours)
    share = statistics.median(prose) / cold
    return [
        ("nothing changed (median of 7)", f"{statistics.median(nothing):.1f} s"),
        (
            "nothing changed, against plain Sphinx with myst-parser, which has no cells",
            f"{statistics.median(nothing) / statistics.median(others):.2f} times",
        ),
        ("a word of a segment changed: pages whose cells ran", reached(f"{after_prose}", "0", not after_prose)),
        ("a word of a segment changed (median of 5), of a cold build", reached(f"{share:.1%}", "10%", share <= 0.1)),
        ("a cell changed: pages whose cells ran", f"{after_cell}"),
        ("a cell changed: the build, of a cold build", f"{one_cell / cold:.1%}"),
        ("another deck: pages whose cells ran", f"{pages_run(ours, before)}"),
        ("another deck: the build, of a cold build", f"{one_deck / cold:.1%}"),
    ]


def warm_peer(ours: Path, page: Path, cell: tuple[str, str]) -> list[Row]:
    """The same changes with plain Sphinx and the cache of myst-nb; nbconvert runs every cell each time."""
    print("warm builds of plain Sphinx with myst-nb", file=sys.stderr)
    folder = peers.prepare_sphinx(ours, ours.parent / "myst-nb with a cache", "myst_nb", "cache")
    cold = timed(peers.sphinx, folder)
    took = {"nothing changed": timed(peers.sphinx, folder)}
    holders = [folder / page.relative_to(ours), *(folder / f"talks/{name}.md" for name in content.decks(ours))]
    for what, change in (("a word of a segment changed", ("\n## ", "\nA word more.\n\n## ")), ("a cell changed", cell)):
        for holder in holders:
            content.change(holder, *change)
        took[what] = timed(peers.sphinx, folder)
    tool = "plain Sphinx with myst-nb and its cache, a page per segment and deck"
    return [(f"{tool}: {what}, of its cold build", f"{seconds / cold:.1%}, {seconds:.1f} s") for what, seconds in took.items()]


def growth(work: Path) -> list[Row]:
    """Cold builds of more segments and of more decks, with the peak of their memory."""
    rows, peaks, times = [], {}, {}
    for segments, decks in ((12, 2), (12, 12), (50, 2), (200, 2)):
        print(f"{segments} segments, {decks} decks", file=sys.stderr)
        folder = content.many(work / f"{segments} segments {decks} decks", segments, decks)
        times[segments, decks], peaks[segments, decks] = _watched(folder)
        if (ran := len(runs(folder))) != segments:
            raise SystemExit(f"the cells of {ran} pages ran, not of {segments}")
        found = f"{times[segments, decks]:.1f} s, {peaks[segments, decks] / 2**30:.2f} GiB at most"
        rows.append((f"{segments} segments, {decks} decks, cold", found))
    memory = peaks[200, 2] / peaks[50, 2]
    return [
        *rows,
        ("12 decks of 4 segments, against 2 decks of all 12: time", f"{times[12, 12] / times[12, 2]:.2f} times"),
        ("200 segments, of 50: time", f"{times[200, 2] / times[50, 2]:.2f} times"),
        ("200 segments, of 50: peak memory of all processes", reached(f"{memory:.2f} times", "1.5", memory <= 1.5)),
    ]


def _watched(folder: Path) -> tuple[float, int]:
    """The time of a build, and the peak of the memory (PSS: what is shared counts once) of all its processes, in bytes."""
    peak, over = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        mine = psutil.Process()
        while not over.wait(0.5):
            total = 0
            for process in mine.children(recursive=True):
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            peak = max(peak, total)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        seconds = timed(build, folder)
    finally:
        over.set()
        watcher.join()
    return seconds, peak


def cores(work: Path) -> list[Row]:
    """The time of the cells alone, on one core and on all."""
    print("on one core and on all", file=sys.stderr)
    took = {}
    for name, pinned in (("one", ["taskset", "-c", "0"]), ("all", [])):
        folder = content.many(work / f"24 segments on {name}", 24, 2)
        took[name] = _time_of_cells(
            [*pinned, sys.executable, "-m", "sphinx", "-W", str(folder), str(folder / "_build/html")], folder
        )
    gain = took["one"] / took["all"]
    goal = 0.8 * CORES
    found = reached(f"{gain:.2f} times as fast", f"{goal:.1f}", gain >= goal)
    return [(f"the cells of 24 segments on {CORES} cores, against one", found)]


def _time_of_cells(command: list[str], folder: Path) -> float:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder / "src"), str(folder)]), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        times = [time.perf_counter() for line in process.stdout or () if "running the cells" in line or "[24/24]" in line]
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return times[1] - times[0]


def measure(work: Path) -> Iterator[Row]:
    """Every row of the table."""
    ours = content.as_it_is(work / "as it is")
    yield from against_peers(work, ours, "the talks as they are")
    page, cell = ours / "talks/segments/two-futures.md", ("from examples import", "COPY = 1\nfrom examples import")
    yield from warm_peer(ours, page, cell)
    yield from warm(ours, page, cell)
    yield from growth(work)
    yield from cores(work)
    for number, kind in ((2, "2 decks of all"), (12, "12 decks of 4")):
        made = content.many(work / f"12 segments and {number} decks", 12, number)
        yield from against_peers(work, made, f"12 segments that only compute, {kind}")


def main() -> None:
    with tempfile.TemporaryDirectory() as work:
        rows = []
        for row in measure(Path(work)):
            rows.append(row)
            print(": ".join(row), file=sys.stderr)
    versions = ", ".join(f"{name} {version(name)}" for name in ("sphinx", "myst-nb", "nbconvert", "xarray", "dask"))
    table = "\n".join(f"| {what} | {figure} |" for what, figure in rows)
    text = f"""# What a build costs

Measured by `make bench` on {date.today():%d %B %Y}: {CORES} cores, {platform.system()} {platform.machine()},
Python {platform.python_version()}, {versions}.

What the examples cost, beside CDO, NCO, Iris and NumPy, is in [EXAMPLES.md](EXAMPLES.md); what a deck weighs, in
[STAGE.md](STAGE.md); how its pages are marked, in [LIGHTHOUSE.md](LIGHTHOUSE.md).

The segments that only compute are copies of four real ones, with a cell of their own each. Jupyter Book 2 (mystmd) takes the
template of its pages from the network, and has no slides: it is measured with the cells of the segments alone. Quarto is not
measured: its package on PyPI fetches the program from the network as it is installed.

| what | figure |
| --- | --- |
{table}
"""
    (content.ROOT / "benchmarks/RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
