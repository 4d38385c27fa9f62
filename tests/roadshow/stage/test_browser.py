"""A browser is found, or installed, or asked for in words."""

import subprocess
import sys

import pytest

from roadshow.stage import StageError, browser


def test_the_browser_that_is_found_starts():
    run = subprocess.run([browser.ensure(), "--version"], capture_output=True, text=True, check=True)
    assert "Chrom" in run.stdout


def test_a_named_browser_that_does_not_start_is_an_error(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(browser.NoBrowserError, match="CHROMIUM=/nowhere/chromium: this does not start"):
        browser.find()


def test_a_deck_that_does_not_start_is_told_in_a_line(make_deck, slide, chromium):
    deck = make_deck(slide("one", "<p>x</p>"))
    (deck.path.parents[1] / "reveal.js").unlink()
    message = r"small-slides\.html: the deck does not start in the browser; build it again: make site"
    with pytest.raises(StageError, match=message), browser.opened(chromium, deck.path, patience=1):
        pass


def test_without_any_browser_the_message_says_what_to_install(monkeypatch):
    tried = []
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(browser, "NAMES", ())
    monkeypatch.setattr(browser, "_playwright_own", lambda: None)
    monkeypatch.setattr(browser.subprocess, "run", lambda command, **options: tried.append(command))
    with pytest.raises(browser.NoBrowserError, match="apt-get install chromium"):
        browser.ensure()
    assert tried[0] == [sys.executable, "-m", "playwright", "install", "chromium"]
