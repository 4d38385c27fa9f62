"""The cells of a page, and the environment that their kernel has; without Sphinx."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from roadshow import tracing
from roadshow.visit import Visit

FENCE = re.compile(r"^(`{3,})\{code-cell\}[^\n]*\n(---\n.*?^---\n|(?::[^\n]*\n)*)(.*?)^\1[ ]*$", re.MULTILINE | re.DOTALL)
"""A cell as it stands in a page; the groups are its fence, its options and its code."""
_SLIDE = re.compile(r"^## +(.+?)\s*$", re.MULTILINE)
_SOLUTION = re.compile(r"\btags:.*\bsolution\b")


@dataclass(frozen=True)
class Cell:
    """A cell of a page: the line where its fence stands, its code, the title of its slide, and two of its tags.

    It may raise an exception, and it may be the solution of an exercise.
    """

    line: int
    code: str
    slide: str
    may_raise: bool
    solves: bool


def read_cells(markdown: str) -> list[Cell]:
    """The cells of a MyST page, in order."""
    cells = []
    for found in FENCE.finditer(markdown):
        before = markdown[: found.start()]
        titles = _SLIDE.findall(before)
        tags = "raises-exception" in found[2], bool(_SOLUTION.search(found[2]))
        cells.append(Cell(before.count("\n") + 1, found[3], titles[-1] if titles else "", *tags))
    return cells


def kernel_environment(root: Path, visit: Visit, folder: Path, trace: Path | None = None) -> dict[str, str]:
    """The environment of a kernel: it can import what stands in the project's root, and knows the visit.

    Of the visit it knows the data and the cluster, as JSON. Its temporary files go into `folder`, which ends with the run: a
    kernel that is killed cleans up no more. With a file for a `trace` it notes there what it opens.
    """
    noting = [str(Path(tracing.__path__[0]))] if trace else []
    path = [*noting, str(root), os.environ.get("PYTHONPATH", "")]
    inherited = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    return {
        **inherited,
        # No cell opens a window on the screen of whoever builds.
        "BROWSER": "false",
        "TMPDIR": str(folder),
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "CATALOGUE_OVERLAY": json.dumps({name: data.model_dump() for name, data in visit.data.items()}),
        "TALK_CLUSTER": visit.cluster.model_dump_json(),
        **({"ROADSHOW_TRACE": str(trace)} if trace else {}),
    }
