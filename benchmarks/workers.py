"""Two of Dask's workers against one, and two threads against one: ``python -m benchmarks.workers`` adds them to EXAMPLES.md.

Each kind has a process and a cluster of its own, and does the work once without counting and then some times; the figure is the
ratio of the fastest of each. Beside it stands what two processes gain, measured in the same manner, that do the same work, each on
a copy of the smaller file, and share nothing but the machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from benchmarks import report, two
from benchmarks.scale import HERE, PYTHON, make
from benchmarks.ways import KEEP

TIMES = {1: 8, 4: 5}
"""For each size in GB how many runs of each, of which the first does not count."""
TASKS = {"nc": {"climatology month": 4, "climatology month undecoded": 4, "quantile": 1}} | {
    layout: {"climatology month": 4} for layout in ("zlib.nc", "zarr", "zstd.zarr")
}
"""What is done with the files of each layout, up to which size in GB."""
SETTINGS: dict[str, tuple[str, dict[str, str]]] = {
    "threads": ("WORKERS", {}),
    "workers": ("PROCESSES", {}),
    "workers that keep": ("PROCESSES", {"KEEP": "1"}),
}
"""Of each of `report.KINDS`: in which variable `ways.py` reads how many, and what else it is told."""


def said(command: list[str], settings: dict[str, str]) -> str:
    """What a command says; nothing looks on as it runs, which would need a core now and then."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, **settings}).stdout


def gain(task: str, path: Path) -> float:
    """Of two processes that share nothing, their malloc told to keep what is freed."""
    copy = path.with_name(f"copy.{path.name}")
    (shutil.copytree if path.is_dir() else shutil.copy)(path, copy)
    keep = {name: str(size) for name, size in KEEP.items()}
    return float(said([sys.executable, "-m", "benchmarks.two", task, str(path), str(copy)], keep).split()[0])


def measure(work: Path) -> Iterator[dict[str, object]]:
    """The ratios, case after case."""
    limits = {}
    for size, times in TIMES.items():
        for layout, tasks in TASKS.items():
            with tempfile.TemporaryDirectory(dir=work) as folder:
                (path,) = make(Path(folder), size, layout)
                for task in (task for task, largest in tasks.items() if size <= largest):
                    seconds: dict[str, list[float]] = {}
                    for kind, (name, settings) in SETTINGS.items():
                        command, given = [*PYTHON, task, "ours", str(path), f"{folder}/out"], {**settings, "TIMES": str(times)}
                        runs = [json.loads(said(command, {**given, name: number})) for number in ("1", "2")]
                        seconds[kind] = [run["seconds"] for run in runs]
                    if (layout, task) not in limits:
                        limits[layout, task] = gain(task, path)
                    yield {"size": size, "layout": layout, "task": task, "limit": limits[layout, task], "seconds": seconds}


def main() -> None:
    source, day = HERE / "examples.json", f"{date.today():%d %B %Y}"
    found = json.loads(source.read_text(encoding="utf-8"))
    found["two"] = {"date": day, "gains": {kind: two.gain(made, made) for kind, made in two.KINDS.items()}}
    found["workers"] = []
    with tempfile.TemporaryDirectory() as work:
        for case in measure(Path(work)):
            found["workers"].append(case)
            print(json.dumps(case), file=sys.stderr, flush=True)
    source.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    report.write(source, HERE / "EXAMPLES.md")


if __name__ == "__main__":
    main()
