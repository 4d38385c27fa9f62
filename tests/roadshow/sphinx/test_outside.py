"""Cells that reach out of the build: to the network, where there is none, and to a screen, which they must not have."""

import os
import subprocess
import sys

import pytest

from tests.no_network import without_network


def build_offline(project):
    command = [sys.executable, "-m", "sphinx", "-W", "-N", str(project.root), str(project.root / "_build/html")]
    return subprocess.run(without_network(command), capture_output=True, text=True, check=False)


def put_first(project, code):
    project.change("talks/segments/alpha.md", "from examples.thing import VALUE", f"{code}\nfrom examples.thing import VALUE")


def test_a_project_builds_without_a_network(project):
    result = build_offline(project)
    assert result.returncode == 0, result.stderr
    assert "41 some data" in project.html("talks/one-slides").text


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("from urllib.request import urlopen; urlopen('https://example.org', timeout=20)", "URLError"),
        (
            "import socket; socket.create_connection(('203.0.113.1', 80), timeout=20)",
            "OSError: [Errno 101] Network is unreachable",
        ),
        ("import socket; socket.getaddrinfo('example.org', 443)", "gaierror"),
    ],
    ids=["a page", "an address", "a name"],
)
def test_a_cell_that_talks_to_the_network_is_named_with_the_mend(project, code, error):
    put_first(project, code)
    result = build_offline(project)
    assert result.returncode == 1
    assert f"talks/segments/alpha.md:20: cell 1 of 'alpha' raised {error}" in result.stderr
    assert "A page has to build without a network: have the cell open what a package or the project brings" in result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    assert not (project.root / "_build/html/index.html").exists()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import tkinter; tkinter.Tk()", "TclError"),
        ("import matplotlib; matplotlib.use('TkAgg'); import matplotlib.pyplot as plt; plt.figure()", "ImportError"),
    ],
    ids=["tkinter", "matplotlib"],
)
def test_a_cell_that_opens_a_window_is_named_with_the_mend(project, monkeypatch, code, error):
    # As on a desk with a screen, which has to stay as it is.
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    put_first(project, code)
    result = project.build()
    assert result.status == 1
    assert f"cell 1 of 'alpha' raised {error}" in result.err
    assert "A cell has no screen: have it show a figure, which goes onto the page" in result.err


def test_a_cell_opens_no_browser(project, monkeypatch, tmp_path):
    mark = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\ntouch {mark}\n")
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    put_first(project, "import webbrowser; print('opened:', webbrowser.open('https://example.org'))")
    assert project.build().status == 0
    assert "opened: False" in project.html("talks/segments/alpha").text
    assert not mark.exists()
    assert os.environ["BROWSER"] == str(browser)
