"""Run the cells of every page that is out of date: once, in parallel, before Sphinx reads the pages.

The outputs go into the jupyter-cache that myst-nb reads from, so myst-nb itself never has to run a cell. Beside them
stands a record of all that the run depended on: the cells, the installed packages, and every file that the kernel or a
process of its opened. A page is run again when one of these has changed, and at no other time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import source_from_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.main import JupyterCacheBase
from jupyter_client.kernelspec import NoSuchKernel
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from sphinx.util import logging
from traitlets.config import Config

from roadshow import tracing
from roadshow.deck import segments_named_in

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Record:
    """What a run depended on: digests of the page, of its cells, of the packages, and of each file by path."""

    page: str
    cells: str
    packages: str
    files: dict[str, str]
    seconds: float


@dataclass
class Page:
    """A page with cells: its name, its file, its text, and the notebook that myst-nb makes of it."""

    name: str
    path: Path
    text: str
    notebook: NotebookNode | None = None

    def read(self, env: BuildEnvironment) -> NotebookNode:
        """The notebook of the page, read as myst-nb reads it."""
        if self.notebook is None:
            self.notebook = read_myst_markdown_notebook(
                self.text, config=env.myst_config, add_source_map=True, path=str(self.path)
            )
        return self.notebook


class Store:
    """The executed notebooks (a jupyter-cache) and the record of each run, in one folder."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.cache: JupyterCacheBase = get_cache(str(folder))
        self.records = folder / "records"
        self.records.mkdir(parents=True, exist_ok=True)
        self.root = root
        # Opened here, once: two processes that open a fresh cache at the same time fail.
        _ = self.cache.db

    def record(self, page: Page) -> Record | None:
        try:
            return Record(**json.loads(self._file(page).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def is_fresh(self, page: Page, env: BuildEnvironment) -> bool:
        """Whether the stored outputs are those that a run would give now."""
        record = self.record(page)
        if record is None or record.packages != packages() or not self._outputs(record.cells).is_file():
            return False
        if any(digest(self.root / path) != known for path, known in record.files.items()):
            return False
        if record.page == _sha(page.text):
            return True
        if record.cells != self.cells(page.read(env)):
            return False
        self._write(page, Record(**{**asdict(record), "page": _sha(page.text)}))
        return True

    def keep(self, page: Page, notebook: NotebookNode, files: dict[str, str], seconds: float) -> None:
        """Store the outputs of a run; the record comes last, so that a half-written run is never trusted."""
        self._file(page).unlink(missing_ok=True)
        shutil.rmtree(self._outputs(self.cells(notebook)).parent, ignore_errors=True)
        bundle = CacheBundleIn(notebook, str(page.path), data={"execution_seconds": seconds})
        self.cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        self._write(page, Record(_sha(page.text), self.cells(notebook), packages(), files, seconds))

    def cells(self, notebook: NotebookNode) -> str:
        return self.cache.create_hashed_notebook(notebook)[1]

    def _outputs(self, cells: str) -> Path:
        return self.cache.path / "executed" / cells / "base.ipynb"

    def _file(self, page: Page) -> Path:
        return self.records / (page.name.replace("/", ".") + ".json")

    def _write(self, page: Page, record: Record) -> None:
        draft = self._file(page).with_suffix(".draft")
        draft.write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")
        draft.replace(self._file(page))


def run_outdated_pages(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Run the pages that are out of date; Sphinx then reads them again. (The `env-get-outdated` event.)"""
    digest.cache_clear()
    store = Store(Path(env.mystnb_config.execution_cache_path), Path(app.srcdir))
    pages = [page for page in _pages(env) if not store.is_fresh(page, env)]
    if pages:
        pages.sort(key=lambda page: -(known.seconds if (known := store.record(page)) else 0))
        try:
            failures = asyncio.run(_Run(app, env, store).run(pages))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        if failures:
            # An exception would reach the author as pages of Sphinx's own state; nothing has been written yet.
            sys.exit("\n" + "\n\n".join(failures))
    return [page.name for page in pages]


def _pages(env: BuildEnvironment) -> list[Page]:
    pages = (Page(name, Path(env.doc2path(name)), "") for name in sorted(env.found_docs))
    markdown = [Page(page.name, page.path, page.path.read_text(encoding="utf-8")) for page in pages if page.path.suffix == ".md"]
    return [page for page in markdown if is_myst_markdown_notebook(page.text)]


class _Run:
    """One run of many pages, on as many cores as there are; pages that measure run alone, after the others."""

    def __init__(self, app: Sphinx, env: BuildEnvironment, store: Store) -> None:
        self.app, self.env, self.store = app, env, store
        self.failures: list[str] = []
        self.done = 0

    async def run(self, pages: list[Page]) -> list[str]:
        self.total = len(pages)
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        measuring = [page for page in pages if page.read(self.env).metadata.get("measures")]
        logger.info("\nrunning the cells of %d page(s) on %d core(s)", self.total, cores)
        for group, at_once in ([page for page in pages if page not in measuring], cores), (measuring, 1):
            slots = asyncio.Semaphore(at_once)
            async with asyncio.TaskGroup() as tasks:
                for page in group:
                    tasks.create_task(self._run_page(page, slots))
        return self.failures

    async def _run_page(self, page: Page, slots: asyncio.Semaphore) -> None:
        async with slots:
            started = time.time()
            with tempfile.TemporaryDirectory(prefix="roadshow-") as folder:
                trace = Path(folder) / "trace"
                failure = await self._execute(page, trace)
                seconds = time.time() - started
                self.done += 1
                outcome = "failed" if failure else "ran"
                logger.info("%s %s in %.1f s [%d/%d]", outcome, page.path.relative_to(self.store.root), seconds, self.done, self.total)
                if failure:
                    self.failures.append(failure)
                else:
                    self.store.keep(page, page.read(self.env), used_files(trace, self.store.root, Path(self.app.outdir), started), seconds)

    async def _execute(self, page: Page, trace: Path) -> str | None:
        notebook, current = page.read(self.env), 0

        def on_cell_start(cell: NotebookNode, cell_index: int) -> None:
            nonlocal current
            current = cell_index

        loop = asyncio.get_running_loop()
        client = NotebookClient(
            notebook,
            config=Config({"KernelManager": {"transport": "ipc", "ip": str(trace.with_name("kernel"))}}),
            timeout=self.app.config.nb_execution_timeout,
            kernel_name=notebook.metadata.get("kernelspec", {}).get("name", "python3"),
            resources={"metadata": {"path": str(self.store.root)}},
            record_timing=False,
            on_cell_start=on_cell_start,
            # nbclient takes Ctrl-C for one kernel only; all of them have to go.
            on_notebook_start=lambda notebook: _stop_all_on_signal(loop),
        )
        try:
            await client.async_execute(env=kernel_environment(trace, self.store.root))
        except CellExecutionError as error:
            return self._failure(page, current, f"raised {error.ename}: {error.evalue}", error.traceback)
        except CellTimeoutError:
            return self._failure(page, current, f"took longer than {self.app.config.nb_execution_timeout} s", "")
        except DeadKernelError:
            return self._failure(page, current, "ended its kernel (killed, perhaps for want of memory)", "")
        except (NoSuchKernel, RuntimeError) as error:
            return self._failure(page, current, f"got no kernel: {error}", "")
        return None

    def _failure(self, page: Page, index: int, what: str, traceback: str) -> str:
        cells = [i for i, cell in enumerate(page.read(self.env).cells) if cell.cell_type == "code"]
        line = page.read(self.env).metadata["source_map"][index] + 1
        tail = [line for line in re.sub(r"\x1b\[[0-9;]*m", "", traceback).rstrip().splitlines() if line.strip()][-6:]
        decks = [
            other
            for other in sorted(self.env.found_docs)
            if page.path.stem in segments_named_in(Path(self.env.doc2path(other)).read_text(encoding="utf-8"))
        ]
        shown = f"It is shown in {', '.join(decks)}." if decks else "No deck shows it."
        return "\n".join(
            [
                f"{page.path.relative_to(self.store.root)}:{line}: cell {cells.index(index) + 1} of {page.path.stem!r} {what}",
                *(f"    {text}" for text in tail),
                f"  {shown} Mend the cell, or tag it `raises-exception` if the error is what the slide is about.",
            ]
        )


def _stop_all_on_signal(loop: asyncio.AbstractEventLoop) -> None:
    def cancel() -> None:
        for task in asyncio.all_tasks(loop):
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, cancel)


def kernel_environment(trace: Path, root: Path) -> dict[str, str]:
    """The environment of a kernel that can import what stands in the project's root and that notes what it opens."""
    path = [str(Path(tracing.__path__[0])), str(root), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path)), "ROADSHOW_TRACE": str(trace)}


def used_files(trace: Path, root: Path, outdir: Path, started: float) -> dict[str, str]:
    """The files that a run read and did not write itself, each with its digest; paths inside `root` are relative to it."""
    lines = trace.read_text(encoding="utf-8", errors="surrogateescape").splitlines() if trace.exists() else []
    modes: dict[str, set[str]] = {}
    for mode, path in (line.split("\t", 1) for line in lines):
        modes.setdefault(path, set()).add(mode)
    read = map(_source, (Path(path) for path, how in sorted(modes.items()) if how == {"r"}))
    files = {}
    for path in read:
        if path.is_file() and not _is_passing(path, root, outdir):
            name = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
            # A file that changed while the cells ran belongs to the next run.
            files[name] = digest(path) if path.stat().st_mtime < started else "changed during the run"
    return files


def _is_passing(path: Path, root: Path, outdir: Path) -> bool:
    """Whether a file is of this run or this machine only: built, temporary, a cache, or the kernel's own."""
    home = Path.home()
    places = [Path(name) for name in (tempfile.gettempdir(), "/proc", "/sys", "/dev")]
    places += [home / name for name in (".cache", ".ipython", ".jupyter", ".local/share/jupyter")]
    inside, outside = [outdir.parent] if outdir.parent != root else [outdir], places
    return any(path.is_relative_to(place) for place in (inside if path.is_relative_to(root) else outside))


def _source(path: Path) -> Path:
    return Path(source_from_cache(path)) if path.suffix == ".pyc" and path.parent.name == "__pycache__" else path


@cache
def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes; of one that is not there, a word that says so."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError):
        return "missing"


@cache
def packages() -> str:
    """A digest of the interpreter and of every installed distribution with its version."""
    installed = (entry.name for folder in sys.path if Path(folder).is_dir() for entry in Path(folder).glob("*.dist-info"))
    return _sha("\n".join([sys.version, *sorted(installed)]))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
