"""Run the cells of every page that is out of date: once, in parallel, before Sphinx reads the pages.

myst-nb then finds every output in its cache and never runs a cell itself. `roadshow.sphinx.store` says when a page is out
of date.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jupyter_client.kernelspec import NoSuchKernel
from myst_nb.core.read import is_myst_markdown_notebook
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from sphinx.util import logging
from traitlets.config import Config

from roadshow import tracing
from roadshow.deck import segments_named_in
from roadshow.sphinx.directives import visit_file
from roadshow.sphinx.store import Page, Store, Trace, digest
from roadshow.visit_file import read_visit

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from roadshow.visit import Visit

logger = logging.getLogger(__name__)


def run_outdated_pages(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Run the pages that are out of date; Sphinx then reads them again. (The `env-get-outdated` event.)"""
    digest.cache_clear()
    visit = read_visit(visit_file(env))
    store = Store(Path(cast("Any", env).mystnb_config.execution_cache_path), Path(app.srcdir), visit)
    pages = [page for page in _pages(env) if not store.is_fresh(page, env)]
    if pages:
        store.open()
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
                self.done += 1
                outcome = "failed" if failure else "ran"
                name = page.path.relative_to(self.store.root)
                logger.info("%s %s in %.1f s [%d/%d]", outcome, name, time.time() - started, self.done, self.total)
                if failure:
                    self.failures.append(failure)
                else:
                    self.store.keep(page, page.read(self.env), Trace(trace), Path(self.app.outdir), started)

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
            await client.async_execute(env=kernel_environment(trace, self.store.root, self.store.visit))
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


def kernel_environment(trace: Path, root: Path, visit: Visit) -> dict[str, str]:
    """The environment of a kernel: it can import what stands in the project's root, notes what it opens, and knows the visit.

    Of the visit it knows the data and the cluster, as JSON.
    """
    path = [str(Path(tracing.__path__[0])), str(root), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "ROADSHOW_TRACE": str(trace),
        "CATALOGUE_OVERLAY": json.dumps({name: data.model_dump() for name, data in visit.data.items()}),
        "TALK_CLUSTER": visit.cluster.model_dump_json(),
    }
