"""Find a Chromium to show decks in, or install one: ``python -m roadshow.stage.browser``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as TookTooLongError

from roadshow.stage import StageError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MEND = """No Chromium was found. Install one (Debian, Ubuntu: apt-get install chromium;
Fedora: dnf install chromium; others: a Chrome or Chromium from its maker), or name one: CHROMIUM=/path/to/chromium"""


class NoBrowserError(StageError):
    """There is no Chromium that starts; the message says what to install."""


def find() -> str | None:
    """The path of a Chromium that starts: the one named by CHROMIUM, the system's, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named and not _starts(named):
        raise NoBrowserError(f"CHROMIUM={named}: this does not start; name a Chromium that does, or unset the variable")
    system = [path for name in NAMES if (path := shutil.which(name))]
    return next((path for path in ([named] if named else system) if _starts(path)), None) or _playwright_own()


def ensure() -> str:
    """The path of a Chromium that starts, installed now where there was none.

    Raises:
        NoBrowserError: there is none and none could be installed.
    """
    installers = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        installers += [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]]
    for command in installers:
        if path := find():
            return path
        print("no Chromium yet; trying:", " ".join(command), flush=True)
        subprocess.run(command, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    if path := find():
        return path
    raise NoBrowserError(MEND)


@contextmanager
def headless() -> Iterator[Browser]:
    """A Chromium without a window.

    Raises:
        NoBrowserError: there is none.
    """
    path = find()
    if path is None:
        raise NoBrowserError(MEND)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=sandbox())
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser, path: Path, query: str = "", before: Callable[[Page], None] = lambda page: None, patience: float = 30
) -> Iterator[Page]:
    """The deck in the file `path`, ready and with its fonts, in a page of 1280 by 720 of its own.

    Args:
        browser: a browser that is open.
        path: the file of a deck's slides.
        query: what stands behind the question mark of its address.
        before: told of the page before the deck is opened in it.
        patience: the seconds that the deck has to become ready.

    Raises:
        StageError: the deck does not start.
    """
    # Playwright waits by `eval`, which the policy of the pages forbids.
    page = browser.new_page(bypass_csp=True, viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    try:
        before(page)
        page.goto(path.absolute().as_uri() + query)
        try:
            page.wait_for_function("globalThis.Reveal?.isReady() && document.fonts.status === 'loaded'", timeout=1000 * patience)
        except TookTooLongError:
            raise StageError(f"{path}: the deck does not start in the browser; build it again: make site") from None
        yield page
    finally:
        page.close()


def sandbox() -> list[str]:
    """The arguments that Chromium wants of root, who has no sandbox."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


_OWN = "from playwright.sync_api import sync_playwright as s\nwith s() as playwright: print(playwright.chromium.executable_path)"


def _playwright_own() -> str | None:
    # In a process of its own: Playwright starts only once in one that is already driving a browser.
    path = subprocess.run([sys.executable, "-c", _OWN], capture_output=True, text=True, check=True).stdout.strip()
    return path if Path(path).exists() and _starts(path) else None


def _starts(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    try:
        print("Chromium:", ensure())
    except NoBrowserError as error:
        sys.exit(str(error))
