"""The built site, and a real browser that may ask nothing of the network."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from roadshow.stage.built import find

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def built() -> Path:
    assert (BUILT / "index.html").exists(), "the site is not built: run make test, which builds it first"
    return BUILT


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def address(built: Path) -> Iterator[str]:
    """The address of the built site, served on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(built)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def watched(chromium: Browser) -> Iterator[tuple]:
    """A page of 1280 by 720, with the lists that its console errors and its requests go to."""
    page = chromium.new_page(bypass_csp=True, viewport={"width": 1280, "height": 720})
    errors: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", lambda request: errors.append(f"failed: {request.url}"))
    page.on("request", lambda request: requests.append(request.url))
    yield page, errors, requests
    page.close()


READY = "Reveal.isReady() && document.fonts.status === 'loaded'"


@pytest.fixture(scope="module")
def deck(built):
    return find(built, "it-first")


@pytest.fixture
def context(chromium):
    opened = chromium.new_context(bypass_csp=True, viewport={"width": 1280, "height": 720})
    yield opened
    opened.close()


@pytest.fixture
def page(context, address):
    opened = context.new_page()
    errors = []
    opened.on("console", lambda told: errors.append(told.text) if told.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(f"{address}/talks/it-first-slides.html")
    opened.wait_for_function(READY)
    yield opened
    assert errors == []


@pytest.fixture
def go():
    """Show the slide of this name, whether it is in the flow or not."""

    def show(page, name):
        page.evaluate("name => Roadshow.go(document.getElementById(name))", name)
        assert page.evaluate("Reveal.getCurrentSlide().id") == name

    return show


@pytest.fixture
def find_by():
    """What the palette finds by these letters."""

    def find_letters(page, letters):
        page.keyboard.press("/")
        page.keyboard.type(letters)
        return page.locator("dialog.find [role=option]")

    return find_letters
