"""Faults of the machine: a full disk, a folder that cannot be written, a build that was broken off, two builds at once.

Each ends in one message that says what happened, where, and what to do; and no build trusts what another left half done.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from myst_nb.sphinx_ext import OUTPUT_FOLDER
from sphinx.application import ENV_PICKLE_FILENAME
from sphinx.errors import SphinxParallelError
from sphinx.util.logging import NAMESPACE, WarningStreamHandler, getLogger

if TYPE_CHECKING:
    from types import FrameType
    from typing import TextIO

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = getLogger(__name__)

FINISHED = "finished"
"""The file beside Sphinx's environment that a build which ended well leaves: a digest of what Sphinx keeps for the next one."""

ELSEWHERE = "build into a folder of your own: sphinx-build . FOLDER"
MENDS = {
    errno.ENOSPC: "the disk is full. Make room on it, then build again.",
    errno.EDQUOT: "your share of the disk (quota) is used up. Remove files of yours on it, then build again.",
    errno.EIO: "it cannot be read or written: the disk may be failing, or a file larger than is allowed (ulimit -f). See to it.",
    errno.EFBIG: "a file may not grow that large. Raise the limit (ulimit -f unlimited), then build again.",
    errno.EROFS: f"the disk is read-only. Make it writable, or {ELSEWHERE}",
    errno.EACCES: f"permission denied. Make it yours (ls -l shows whose it is), or {ELSEWHERE}",
}
UNNUMBERED = {
    "database or disk is full": errno.ENOSPC,
    "disk I/O error": errno.EIO,
    "attempt to write a readonly database": errno.EACCES,
    "unable to open database file": errno.EACCES,
    "No usable temporary directory": errno.ENOSPC,
}
"""How SQLite, which keeps the list of stored outputs (`sqlite.org/rescode.html`), and `tempfile` say the same."""

_lock: TextIO | None = None


def message(text: str, app: Sphinx) -> str | None:
    """What to tell the author of an error, from its text, which is all that there is of one in another process; None of others."""
    unnumbered = rf"(?:OperationalError\W+|\[Errno 2\] )({'|'.join(UNNUMBERED)})"
    for found in re.finditer(rf"""{unnumbered}|\[Errno (\d+)\][^:\n]*(?:: (['"].*['"]))?|Error\((\d+), """, text):
        number = UNNUMBERED[found[1]] if found[1] else int(found[2] or found[4])
        if number in MENDS:
            # Of a copy the last is the new file; of a write that fails, none is told.
            path = (found[3] or "").rpartition(" -> ")[2].strip("'\"")
            return f"{path or f'{app.outdir.parent}, or where temporary files go (TMPDIR)'}: {MENDS[number]}"
    return None


def explain(app: Sphinx, error: Exception | None) -> None:
    """End a build that failed for a fault of the machine with its message. (`build-finished`.)"""
    if error:
        text = error.traceback if isinstance(error, SphinxParallelError) else "".join(traceback.format_exception(error))
        # Without its first page Sphinx ends by itself once it has read the others, and says that there is none.
        read = traceback.extract_tb(error.__traceback__)[-1].name == "read"
        if told := message(text, app) or (read and _lost(app)):
            # An exception would reach the author as pages of Sphinx's own state.
            sys.exit(f"\n{told}")


def all_read(app: Sphinx, env: BuildEnvironment) -> None:
    """End a build in which a page was not read. (`env-updated`.)"""
    if told := _lost(app):
        sys.exit(f"\n{told}")


def _lost(app: Sphinx) -> str | None:
    """What to tell of pages that were not read: there is no room, or nobody knows.

    Sphinx loses the error of a process that fails while it starts others (`ParallelTasks.add_task`).
    """
    if not (lost := sorted(app.env.found_docs - app.env.all_docs.keys())):
        return None
    try:
        with tempfile.TemporaryFile(dir=app.outdir.parent) as file:
            file.write(bytes(2**24))
    except OSError as error:
        return message(str(error), app)
    more = f", nor were {len(lost) - 1} more" if lost[1:] else ""
    return f"{app.env.doc2path(lost[0])}: it was not read{more}, and Sphinx has lost why. Build with -j 1, which says why."


def stop_on_failed_writes(app: Sphinx) -> None:
    """Sphinx only warns of a page that it could not write, and goes on to the next: stop there instead."""

    def stop(record: logging.LogRecord) -> bool:
        if told := message(record.getMessage(), app):
            sys.exit(f"\n{told}")
        return True

    for handler in logging.getLogger(NAMESPACE).handlers:
        if isinstance(handler, WarningStreamHandler):
            handler.addFilter(stop)


def begin(app: Sphinx) -> None:
    """Have the folders of a build to oneself, and in them nothing that was left half done."""
    store = Path(app.config.nb_execution_cache_path or app.outdir.parent / ".jupyter_cache")
    try:
        for folder in (app.outdir, store):
            folder.mkdir(parents=True, exist_ok=True)
        _hold(store / "lock")
        _drop_unfinished(app)
        _have_a_home(app)
    except OSError as error:
        sys.exit(f"\n{message(str(error), app) or error}")


def _hold(path: Path) -> None:
    """Be the only build that holds the lock, which the system takes back when a process ends, however it does."""
    global _lock  # noqa: PLW0603  the lock is the process's
    if _lock:
        _lock.close()
    _lock = path.open("a+")
    try:
        fcntl.flock(_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _lock.seek(0)
        other = _lock.read().strip()
        if not other or _runs(int(other)):
            sys.exit(f"\n{path.parent}: another build (process {other}) is at work here. Let it end, or end it, then build again.")
        # What a killed build has left ends as soon as it has written its pages.
        fcntl.flock(_lock, fcntl.LOCK_EX)
    _lock.truncate(0)
    _lock.write(str(os.getpid()))
    _lock.flush()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        return False
    return True


def _state(app: Sphinx) -> str:
    """A digest of all that Sphinx and myst-nb keep from one build to the next, besides the pages and the stored outputs."""
    kept = [
        app.doctreedir / ENV_PICKLE_FILENAME,
        *app.doctreedir.rglob("*.doctree"),
        *(path for path in _pictures(app).rglob("*") if path.is_file()),
    ]
    state = hashlib.sha256()
    for path in sorted(kept):
        state.update(os.fsencode(path) + hashlib.sha256(path.read_bytes()).digest())
    return state.hexdigest()


def _pictures(app: Sphinx) -> Path:
    return app.outdir.parent / OUTPUT_FOLDER


def _drop_unfinished(app: Sphinx) -> None:
    """Forget what the last build kept unless it ended well and all of it is still as it was: Sphinx would trust any of it."""
    environment = app.doctreedir / ENV_PICKLE_FILENAME
    try:
        whole = (app.doctreedir / FINISHED).read_bytes() == _state(app).encode()
    except FileNotFoundError:
        whole = False
    if not whole:
        if environment.exists():
            logger.info("the last build did not end well, or its files have changed since: every page is read again")
            environment.unlink()
        # What is there already is not copied again, nor is it looked at. Where Sphinx has not built, it may be somebody's own.
        for folder in (_pictures(app), app.outdir / "_static"):
            if app.doctreedir.exists() and folder.exists():
                shutil.rmtree(folder)


def _have_a_home(app: Sphinx) -> None:
    """Where the user has none (a container, under a number without a name), Jupyter finds its own folder in this one."""
    try:
        Path.home()
    except RuntimeError:
        home = app.outdir.parent / "home"
        home.mkdir(exist_ok=True)
        os.environ["HOME"] = str(home)


def make_doctrees(app: Sphinx, *_: Any) -> None:
    """Make the folder by which one knows that Sphinx has built here, once all have looked for it. (`config-inited`.)"""
    try:
        app.doctreedir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"\n{message(str(error), app) or error}")


def begin_writing(app: Sphinx, *_: Any) -> None:
    """From here on, and until it ends well, a build leaves nothing to trust. (`env-before-read-docs`.)"""
    (app.doctreedir / FINISHED).unlink(missing_ok=True)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Vouch for what a build has kept, if it ended well, and let another in. (`build-finished`.)"""
    # Sphinx says a warning only when it reads the page: what has failed for one must fail again.
    if not error and not (app._fail_on_warnings and app._warncount):
        (app.doctreedir / FINISHED).write_text(_state(app))
    if _lock:
        _lock.close()


def end_on_signals() -> None:
    """End on SIGTERM as on Ctrl-C: with one line, which only the build says, and not those that write pages for it."""
    builder = os.getpid()

    def end(number: int, frame: FrameType | None) -> None:
        if os.getpid() != builder:
            os._exit(128 + number)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        # Whoever started the build may have had it ignored; and only the main thread may say.
        if signal.getsignal(number) != signal.SIG_IGN and threading.current_thread() is threading.main_thread():
            signal.signal(number, end)


def setup(app: Sphinx) -> None:
    """Guard a build from here on."""
    end_on_signals()
    begin(app)
    stop_on_failed_writes(app)
    app.connect("config-inited", make_doctrees, priority=900)
    app.connect("env-before-read-docs", begin_writing)
    app.connect("env-updated", all_read, priority=100)
    app.connect("build-finished", finish, priority=800)
    app.connect("build-finished", explain, priority=900)
