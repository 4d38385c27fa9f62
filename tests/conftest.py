"""One browser for the tests of a file: while one is open, nothing else in the process can run an event loop, a build's included."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from roadshow.stage import browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    browser.ensure()
    with browser.headless() as opened:
        yield opened
