"""One browser for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from roadshow.stage import browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    browser.ensure()
    with browser.headless() as opened:
        yield opened
