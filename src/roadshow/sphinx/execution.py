"""Run the cells of every page that is out of date: once, in parallel, before Sphinx reads the pages.

myst-nb then finds every output in its cache and never runs a cell itself. `roadshow.sphinx.store` says when a page is out
of date, `roadshow.sphinx.kernels` how its kernel starts.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jupyter_client.kernelspec import NoSuchKernel
from myst_nb.core.read import is_myst_markdown_notebook
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from sphinx.util import logging
from traitlets.config import Config

from roadshow.cells import kernel_environment
from roadshow.deck import segments_named_in
from roadshow.ledger import CellRun
from roadshow.recording import missing
from roadshow.sphinx.client import MOST_OUTPUT, Client
from roadshow.sphinx.decks import decks
from roadshow.sphinx.directives import visit_file
from roadshow.sphinx.kernels import PreloadError, warm_process
from roadshow.sphinx.store import Page, Store, Trace, code_cells, digest
from roadshow.visit_file import read_visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)

MEND = "Mend the cell, or tag it `raises-exception` if the error is what the slide is about."
MENDS = {
    r"gaierror|URLError|Name or service not known|name resolution|Network is unreachable": (
        "A page has to build without a network: have the cell open what a package or the project brings."
    ),
    r"TclError|Cannot load backend|could not connect to display": (
        "A cell has no screen: have it show a figure, which goes onto the page."
    ),
}
"""What to do about an error that a cell raised, by what its name or its words contain."""


def run_outdated_pages(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Run the pages that are out of date; Sphinx then reads them again. (The `env-get-outdated` event.)"""
    digest.cache_clear()
    visit = read_visit(visit_file(env))
    store = Store(Path(cast("Any", env).mystnb_config.execution_cache_path), Path(app.srcdir), visit)
    every = _pages(env)
    store.keep_only(every)
    pages = [page for page in every if not store.is_fresh(page, env)]
    if pages:
        store.open()
        # The longest first, so that none is left to run alone at the end; of what never ran, the text is a measure.
        pages.sort(key=lambda page: -(known.seconds if (known := store.record(page)) else len(page.text)))
        try:
            failures = asyncio.run(_Run(app, env, store).run(pages))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        except PreloadError as error:
            failures = [str(error)]
        if failures:
            # An exception would reach the author as pages of Sphinx's own state; nothing has been written yet.
            sys.exit("\n" + "\n\n".join(failures))
    names = {page.path.stem for page in pages}
    # Under a deck's page stands when its segments ran.
    telling = [page for page, deck in decks(env).items() if any(choice.segment in names for choice in deck.choices)]
    return [*(page.name for page in pages), *(page for page in telling if page in env.found_docs)]


def _pages(env: BuildEnvironment) -> list[Page]:
    pages = (Page(name, Path(env.doc2path(name)), "") for name in sorted(env.found_docs))
    markdown = [Page(page.name, page.path, page.path.read_text(encoding="utf-8")) for page in pages if page.path.suffix == ".md"]
    return [page for page in markdown if is_myst_markdown_notebook(page.text)]


@dataclass(frozen=True)
class _Failure:
    """Why a page failed, in words, and whether a service that it needs may be to blame: not when what it shows is no longer so."""

    said: str
    of_service: bool = False


class _Run:
    """One run of many pages, on all cores; pages that measure run alone, after the others."""

    def __init__(self, app: Sphinx, env: BuildEnvironment, store: Store) -> None:
        self.app, self.env, self.store = app, env, store
        self.failures: list[str] = []
        self.told: dict[str, str] = {}
        self.done = 0

    async def run(self, pages: list[Page]) -> list[str]:
        self.total, before = len(pages), self._tree()
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        alone = [page for page in pages if page.read(self.env).metadata.get("measures")]
        logger.info("\nrunning the cells of %d page(s) on %d core(s)", self.total, cores)
        with tempfile.TemporaryDirectory(prefix="roadshow-") as folder, ExitStack() as stack:
            address = ""
            if hasattr(os, "pidfd_open") and self.total > cores:
                environment = kernel_environment(self.store.root, self.store.visit, Path(folder), Path(folder, "trace"))
                modules = self.app.config.roadshow_preload
                address = stack.enter_context(warm_process(Path(folder), modules, environment, self.store.root))
            stack.enter_context(_stopped_by_signals())
            # One more than there are cores: many a page waits, for a service to start or a worker to be missed.
            for group, at_once in ([page for page in pages if page not in alone], cores + 1), (alone, 1):
                # As many again are starting or ending, which is waiting rather than work; beside one that measures, none.
                kernels = asyncio.Semaphore(1 if group is alone else 2 * cores)
                slots = asyncio.Semaphore(at_once)
                async with asyncio.TaskGroup() as tasks:
                    for page in group:
                        tasks.create_task(self._run_page(page, kernels, slots, address))
        if appeared := [path for path, state in self._tree().items() if before.get(path) != state]:
            suspects = [page for page in pages if any(path.name in page.text for path in appeared)] or pages
            for page in suspects:
                self.store.forget(page)
            self.failures.append(self._wrote(suspects, appeared))
        return self.failures

    def _tree(self) -> dict[Path, tuple[int, int]]:
        """Size and time of what lies in the source tree, but for what is hidden, built, or text that an author may be editing."""
        found = {}
        for folder, folders, names in os.walk(self.store.root):
            folders[:] = [name for name in folders if name[0] not in "._" and Path(folder, name) != Path(self.app.outdir)]
            for path in (Path(folder, name) for name in names if not name.endswith((".md", ".py")) and name[0] != "."):
                with suppress(FileNotFoundError):
                    found[path.relative_to(self.store.root)] = path.stat().st_size, path.stat().st_mtime_ns
        return found

    def _wrote(self, pages: list[Page], written: list[Path]) -> str:
        which = ", ".join(str(page.path.relative_to(self.store.root)) for page in pages)
        return (
            f"{which}: a cell wrote {', '.join(map(str, written))} into the source tree, where it could pass for a source.\n"
            "  Have the cell write into a folder of `tempfile`; then look at the file, and remove it or bring it back."
        )

    async def _run_page(self, page: Page, kernels: asyncio.Semaphore, slots: asyncio.Semaphore, address: str) -> None:
        name = page.path.relative_to(self.store.root)
        if gone := missing(page.read(self.env).metadata.get("requires") or {}):
            self.done += 1
            logger.info("recorded %s: there is no %s here [%d/%d]", name, " and no ".join(gone), self.done, self.total)
            if wrong := self._show_recorded(page):
                mend = f"install {' and '.join(gone)} (`make services`), build, then `roadshow record`"
                self.failures.append(f"{name}: there is no {' and no '.join(gone)} here, and {wrong}. To mend it, {mend}")
            return
        async with kernels:
            started = time.time()
            with tempfile.TemporaryDirectory(prefix="roadshow-", ignore_cleanup_errors=True) as folder:
                trace = Path(folder) / "trace"
                runs, failure = await self._execute(page, trace, slots, address)
                traced = Trace(trace)
                if not failure and (written := traced.written(self.store.root, Path(self.app.outdir))):
                    failure = _Failure(self._wrote([page], written))
                self.done += 1
                outcome = "failed" if failure else "ran"
                logger.info("%s %s in %.1f s [%d/%d]", outcome, name, sum(run.seconds for run in runs), self.done, self.total)
                needy = page.read(self.env).metadata.get("requires") is not None
                if failure and failure.of_service and needy and not self._show_recorded(page):
                    # With `-W` the build is red, and its pages are whole.
                    message = "%s\n  The pages show what was recorded when it last ran."
                    logger.warning(message, failure.said, type="roadshow", subtype="service")
                elif failure:
                    self.failures.append(failure.said)
                else:
                    self.store.keep(page, page.read(self.env), traced, Path(self.app.outdir), started, runs)
            # Its outputs are in the store; hundreds of pages need not hold theirs at once.
            page.notebook = None

    def _show_recorded(self, page: Page) -> str:
        """Take the recorded outputs of a page; says why there are none."""
        try:
            recording = self.store.recording(page, self.env)
        except ValueError as error:
            return str(error)
        self.store.keep_recorded(page, page.read(self.env), recording)
        return ""

    async def _execute(
        self, page: Page, trace: Path, slots: asyncio.Semaphore, address: str
    ) -> tuple[list[CellRun], _Failure | None]:
        notebook = page.read(self.env)
        limit = notebook.metadata.get("mystnb", {}).get("execution_timeout", self.app.config.nb_execution_timeout)
        client = Client(
            notebook,
            config=Config(
                {
                    "KernelManager": {"transport": "ipc", "ip": str(trace.with_name("kernel"))},
                    "ForkedProvisioner": {"address": address},
                }
            ),
            timeout=limit,
            kernel_name=notebook.metadata.get("kernelspec", {}).get("name", "python3"),
            resources={"metadata": {"path": str(self.store.root)}},
            record_timing=False,
        )
        what, traceback, mend, of_service = "", "", MEND, True
        try:
            async with client.kernel(kernel_environment(self.store.root, self.store.visit, trace.parent, trace)), slots:
                await client.run_cells()
        except CellExecutionError as error:
            what, traceback = f"raised {error.ename}: {error.evalue}", error.traceback
            of_service = error.ename != "AssertionError"
            mend = next((mend for pattern, mend in MENDS.items() if re.search(pattern, what)), MEND)
        except CellTimeoutError:
            what = f"took longer than {limit} s"
        except DeadKernelError:
            what = "ended its kernel (killed, perhaps for want of memory)"
            if client.put_out > MOST_OUTPUT:
                what = f"put out more than {MOST_OUTPUT >> 20} MiB, which no page can show"
        except (NoSuchKernel, RuntimeError) as error:
            what = f"got no kernel: {error}"
        said = self._failure(page, client.current, what, traceback, mend) if what else ""
        return client.runs, _Failure(said, of_service) if said else None

    def _failure(self, page: Page, index: int, what: str, traceback: str, mend: str) -> str:
        number = max(1, sum(cell.cell_type == "code" for cell in page.read(self.env).cells[: index + 1]))
        line, _ = code_cells(page.read(self.env))[number - 1]
        place = f"{page.path.relative_to(self.store.root)}:{line}: cell {number} of {page.path.stem!r}"
        if traceback and (first := self.told.setdefault(what, place)) != place:
            # One damaged file may stop a dozen pages.
            return f"{place} failed as did {first}"
        tail = [line for line in re.sub(r"\x1b\[[0-9;]*m", "", traceback).rstrip().splitlines() if line.strip()][-6:]
        decks = [
            other
            for other in sorted(self.env.found_docs)
            if page.path.stem in segments_named_in(Path(self.env.doc2path(other)).read_text(encoding="utf-8"))
        ]
        shown = f"It is shown in {', '.join(decks)}." if decks else "No deck shows it."
        return "\n".join(
            [
                f"{place} {what}",
                *(f"    {text}" for text in tail),
                f"  {shown} {mend}",
            ]
        )


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Cancel every task on Ctrl-C or SIGTERM. (The loop's own handlers lose a signal that comes when its last task ends.)"""
    loop, came = asyncio.get_running_loop(), []

    def cancel() -> None:
        for task in asyncio.all_tasks(loop):
            task.cancel()

    def stop(number: int, frame: FrameType | None) -> None:
        came.append(number)
        loop.call_soon_threadsafe(cancel)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise asyncio.CancelledError
