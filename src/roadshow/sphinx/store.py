"""What the run of a page depended on, and whether its stored outputs still hold.

Outputs go into the jupyter-cache that myst-nb reads from. Beside them stands a record of all that a run depended on: the
cells, the interpreter and the packages that were imported, every file that the kernel or a process of its opened, and what it
read of the visit. It says too what each cell took and gave, which `roadshow ledger` lists.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import packages_distributions
from importlib.util import source_from_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jupyter_cache
import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.main import JupyterCacheBase
from myst_nb.core.read import read_myst_markdown_notebook
from packaging.utils import canonicalize_name
from pydantic import BaseModel
from sphinx.util.logging import getLogger

from roadshow.ledger import RECORDS, CellRun, Record
from roadshow.recording import Recording, missing, program, versions
from roadshow.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbformat import NotebookNode


logger = getLogger(__name__)

IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
"""An import statement; the group is the top-level module."""


@dataclass
class Page:
    """A page with cells: its name, its file, its text, and the notebook that myst-nb makes of it."""

    name: str
    path: Path
    text: str
    notebook: NotebookNode | None = None

    def read(self, env: Any) -> NotebookNode:
        """The notebook of the page, read as myst-nb reads it with the configuration that it keeps in Sphinx's `env`."""
        if self.notebook is None:
            read = read_myst_markdown_notebook
            self.notebook = read(self.text, config=env.myst_config, add_source_map=True, path=str(self.path))
        return self.notebook


def code_cells(notebook: NotebookNode) -> list[tuple[int, NotebookNode]]:
    """The cells with code, each with the line of the page where it begins, which is the one after its fence."""
    lines = notebook.metadata["source_map"]
    return [(line + 1, cell) for line, cell in zip(lines, notebook.cells, strict=True) if cell.cell_type == "code"]


def sources(notebook: NotebookNode) -> str:
    """The digest of what a kernel is given to run: the code, the kernel's name, and the tags that nbclient heeds."""
    heeded = {"raises-exception", "skip-execution"}
    cells = [[cell.source, sorted(heeded.intersection(cell.metadata.get("tags", [])))] for _, cell in code_cells(notebook)]
    return _sha(json.dumps([notebook.metadata.get("kernelspec", {}).get("name"), cells]))


class Store:
    """The executed notebooks (a jupyter-cache) and the record of each run, in one folder."""

    def __init__(self, folder: Path, root: Path, visit: Visit) -> None:
        stored = _stored(folder)
        if stored is None:
            logger.info("the stored outputs cannot be read, or are another version's: every cell runs again")
            for path in (*folder.glob("global.db*"), folder / "executed", folder / RECORDS):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self.stored = stored or set()
        self.cache: JupyterCacheBase = get_cache(str(folder))
        self.records = folder / RECORDS
        self.records.mkdir(parents=True, exist_ok=True)
        self.root, self.visit = root, visit

    def open(self) -> None:
        """Make the cache where there is none: two processes that open a fresh one at the same time fail."""
        _ = self.cache.db

    def record(self, page: Page) -> Record | None:
        """The record of the page's last run that ended well."""
        try:
            return Record.read(self._file(page))
        except (FileNotFoundError, ValueError):
            return None

    def is_fresh(self, page: Page, env: Any) -> bool:
        """Whether the stored outputs are those that a run would give now."""
        record = self.record(page)
        if record is None or not self._holds(record):
            return False
        if record.page == _sha(page.text):
            return True
        notebook = page.read(env)
        if record.sources != sources(notebook):
            return False
        if record.cells != self.cells(notebook):
            ran = nbformat.read(self._outputs(record.cells), as_version=4)
            notebook.metadata["language_info"] = ran.metadata.get("language_info", {})
            stored = [cell for cell in ran.cells if cell.cell_type == "code"]
            for (_, cell), as_it_ran in zip(code_cells(notebook), stored, strict=True):
                cell.outputs, cell.execution_count = as_it_ran.outputs, as_it_ran.execution_count
            self._store(page, notebook, record.seconds)
        lines = [line for line, _ in code_cells(notebook)]
        replace(
            record,
            page=_sha(page.text),
            cells=self.cells(notebook),
            outputs=file_digest(str(self._outputs(self.cells(notebook)))),
            runs=[replace(run, line=lines[run.cell - 1]) for run in record.runs],
        ).write(self._file(page))
        return True

    def _holds(self, record: Record) -> bool:
        return (
            record.python == sys.version
            and not (record.recorded and not missing(record.programs or {}))
            and record.cells in self.stored
            and record.packages.items() <= installed().items()
            and record.outputs == digest(str(self._outputs(record.cells)))
            and all(digest(os.path.join(self.root, path)) == known for path, known in record.files.items())
            and all(self.digest_of(table) == known for table, known in record.visit.items())
        )

    def recording(self, page: Page, env: Any) -> Recording:
        """What is to be shown of a page that cannot run here.

        Raises:
            ValueError: nothing is, or it is of other cells.
        """
        path = self._recording(page)
        try:
            recording = Recording.read(path)
        except FileNotFoundError:
            raise ValueError("nothing is recorded of it") from None
        if recording.sources != sources(page.read(env)):
            raise ValueError(f"{path.relative_to(self.root)} is of other cells")
        return recording

    def keep_recorded(self, page: Page, notebook: NotebookNode, recording: Recording) -> None:
        """Store the outputs of a recording, as those of a page that did not run."""
        self.forget(page)
        notebook.metadata["language_info"] = recording.language_info
        for (_, cell), outputs in zip(code_cells(notebook), recording.outputs, strict=True):
            cell.outputs = [nbformat.from_dict(output) for output in outputs]
        self._store(page, notebook, 0)
        path = self._recording(page)
        Record(
            name=page.name,
            page=_sha(page.text),
            sources=recording.sources,
            cells=self.cells(notebook),
            python=sys.version,
            named=recording.named,
            packages={},
            files={str(path.relative_to(self.root)): digest(str(path))},
            visit={},
            outputs=file_digest(str(self._outputs(self.cells(notebook)))),
            machine=recording.machine,
            started=recording.started,
            runs=[],
            programs=recording.programs,
            recorded=True,
        ).write(self._file(page))

    def _recording(self, page: Page) -> Path:
        return page.path.parents[1] / "recorded" / f"{page.path.stem}.json"

    def keep(self, page: Page, notebook: NotebookNode, trace: Trace, outdir: Path, started: float, runs: list[CellRun]) -> None:
        """Store the outputs of a run; the record comes last, so that a half-written run is never trusted."""
        self.forget(page)
        self._store(page, notebook, sum(run.seconds for run in runs))
        outputs = [_sha(json.dumps(cell.outputs, sort_keys=True)) if cell.outputs else "" for _, cell in code_cells(notebook)]
        packages, files = trace.packages(), trace.files(self.root, outdir, started)
        if (requires := notebook.metadata.get("requires")) is not None:
            # Another version, or none any more, is another run.
            files |= {str(path): digest(str(path)) for path in map(program, requires) if path}
        code = [page.text, *(Path(self.root, path).read_text(encoding="utf-8") for path in files if path.endswith(".py"))]
        imported = {name for text in code for module in IMPORT.findall(text) for name in _distributions().get(module, [])}
        record = Record(
            name=page.name,
            page=_sha(page.text),
            sources=sources(notebook),
            cells=self.cells(notebook),
            python=sys.version,
            named={name: version for name, version in packages.items() if name in imported},
            packages=packages,
            files=files,
            visit={table: self.digest_of(table) for table in trace.tables},
            outputs=file_digest(str(self._outputs(self.cells(notebook)))),
            machine=f"{os.cpu_count()} cores of {platform.machine()}, {platform.system()}, Python {platform.python_version()}",
            started=started,
            runs=[replace(run, outputs=outputs[run.cell - 1]) for run in runs],
            programs=None if requires is None else versions(requires),
        )
        record.write(self._file(page))

    def _store(self, page: Page, notebook: NotebookNode, seconds: float) -> None:
        shutil.rmtree(self._outputs(self.cells(notebook)).parent, ignore_errors=True)
        bundle = CacheBundleIn(notebook, str(page.path), data={"execution_seconds": seconds})
        self.cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)

    def forget(self, page: Page) -> None:
        """Trust the outputs of the page's last run no longer."""
        self._file(page).unlink(missing_ok=True)

    def keep_only(self, pages: Iterable[Page]) -> None:
        """Forget the pages that there are no longer."""
        kept = {self._file(page) for page in pages}
        for path in set(self.records.glob("*.json")) - kept:
            path.unlink()

    def digest_of(self, table: str) -> str:
        """The digest of a table of the visit, such as ``cluster`` or ``data.sst``, which it need not have."""
        value: Any = self.visit
        for name in table.split(".", 1):
            value = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
        return _sha(value.model_dump_json() if isinstance(value, BaseModel) else "")

    def cells(self, notebook: NotebookNode) -> str:
        """The name under which the outputs of these cells are stored."""
        return self.cache.create_hashed_notebook(notebook)[1]

    def _outputs(self, cells: str) -> Path:
        return self.cache.path / "executed" / cells / "base.ipynb"

    def _file(self, page: Page) -> Path:
        return self.records / Record.file_name(page.name)


class Trace:
    """What a run noted in its log."""

    def __init__(self, log: Path) -> None:
        lines = log.read_text(encoding="utf-8", errors="surrogateescape").splitlines() if log.exists() else []
        noted = [line.split("\t", 1) for line in lines]
        self.tables = sorted({name for mode, name in noted if mode == "v"})
        self.modules = {name for mode, name in noted if mode == "p"}
        self.modes: dict[str, set[str]] = {}
        for mode, name in noted:
            if mode in "rw":
                self.modes.setdefault(name, set()).add(mode)

    def packages(self) -> dict[str, str]:
        """The installed packages that the run imported, each with its version."""
        names = {name for module in self.modules for name in _distributions().get(module, [])}
        return {name: version for name, version in sorted(installed().items()) if name in names}

    def written(self, root: Path, outdir: Path) -> list[Path]:
        """The files in `root` that the run opened to write, unless they are of no lasting kind."""
        paths = (Path(name) for name, how in sorted(self.modes.items()) if "w" in how)
        inside = (path.relative_to(root) for path in paths if path.is_relative_to(root) and not _is_passing(path, root, outdir))
        return [path for path in inside if not any(part[0] in "._" for part in path.parts)]

    def files(self, root: Path, outdir: Path, started: float) -> dict[str, str]:
        """The files that the run read and did not write itself, each with its digest; paths inside `root` are relative to it."""
        files = {}
        for path in (_source(Path(name)) for name, how in sorted(self.modes.items()) if how == {"r"}):
            if path.is_file() and not _is_passing(path, root, outdir):
                name = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
                # A file that changed while the cells ran belongs to the next run.
                files[name] = digest(str(path)) if path.stat().st_mtime < started else "changed during the run"
        return files


def _is_passing(path: Path, root: Path, outdir: Path) -> bool:
    """Whether a file is of this run or this machine only: built, temporary, a cache, or the kernel's own."""
    home = Path.home()
    places = [Path(name) for name in (tempfile.gettempdir(), "/proc", "/sys", "/dev")]
    places += [home / name for name in (".cache", ".ipython", ".jupyter", ".local/share/jupyter")]
    inside, outside = [outdir.parent] if outdir.parent != root else [outdir], places
    return any(path.is_relative_to(place) for place in (inside if path.is_relative_to(root) else outside))


def _source(path: Path) -> Path:
    """The module that a file of compiled Python was made from; any other file as it is."""
    try:
        return Path(source_from_cache(path)) if path.suffix == ".pyc" else path
    except ValueError:
        return path


def _stored(folder: Path) -> set[str] | None:
    """The names under which the jupyter-cache in a folder holds outputs, or None if it is broken or another version's."""
    database = folder / "global.db"
    if not database.exists():
        return set()
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            whole = connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
            names = {name for (name,) in connection.execute("SELECT hashkey FROM nbcache")}
    except sqlite3.DatabaseError:
        return None
    version = folder / "__version__.txt"
    return names if whole and version.exists() and version.read_bytes() == jupyter_cache.__version__.encode() else None


LARGEST = 2**30
"""Bytes: a file beyond is known by its size and time, since reading it at each build would cost more than the cells."""


def file_digest(path: str) -> str:
    """The SHA-256 of a file's bytes; of a very large one, its size and time; of one that is not there, a word that says so."""
    try:
        known = os.stat(path)
        if known.st_size > LARGEST:
            return f"{known.st_size} bytes of {known.st_mtime_ns}"
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError):
        return "missing"


digest = cache(file_digest)
"""The same, once a build."""


@cache
def installed() -> dict[str, str]:
    """Every installed distribution with its version, from the names of their folders: their metadata would take a second."""
    folders = (entry.stem for path in sys.path if Path(path).is_dir() for entry in Path(path).glob("*.dist-info"))
    return {canonicalize_name(name): version for name, _, version in (folder.partition("-") for folder in folders)}


@cache
def _distributions() -> dict[str, list[str]]:
    """The distributions that bring each top-level module."""
    return {module: [canonicalize_name(name) for name in names] for module, names in packages_distributions().items()}


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
