"""The command as a person uses it: what it does, and the one message that it gives for each mistake."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from pypdf import PdfReader

from roadshow.stage import browser

ROADSHOW = [str(Path(sys.executable).with_name("roadshow"))]


def run(*arguments, cwd, **environment):
    told = subprocess.run(
        [*ROADSHOW, *arguments], cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert "Traceback" not in told.stderr
    return told


@pytest.fixture
def site(make_deck, slide, tmp_path):
    make_deck(slide("one", "<p>x</p>"), name="it-first")
    make_deck(slide("one", '<p style="font-size: 12px">x</p>'), name="science-first")
    return tmp_path / "site"


@pytest.mark.parametrize("command", [[], ["present"], ["export"], ["captions"], ["rehearse"]])
def test_help_says_what_each_command_does(command, tmp_path):
    told = run(*command, "--help", cwd=tmp_path)
    assert told.returncode == 0
    assert "Usage: roadshow" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["present", "it-frist"], "roadshow: there is no deck 'it-frist'; did you mean 'it-first'?"),
        (["export", "xyz"], "roadshow: there is no deck 'xyz'; there are it-first, science-first"),
        (["export"], "roadshow: name one deck, or say --all; there are it-first, science-first"),
        (["captions", "it-first", "--all"], "roadshow: name one deck, or say --all; there are it-first, science-first"),
        (
            ["rehearse", "it-first", "--site", "gone"],
            "roadshow: gone: there are no decks in this folder; build them first: make site",
        ),
        (
            ["present", "it-first", "--host", "192.0.2.1"],
            "roadshow: 192.0.2.1:8000: cannot listen there (Cannot assign requested address); name another with --host or --port",
        ),
    ],
)
def test_a_mistake_gets_one_line(arguments, message, site, tmp_path):
    told = run(*arguments, *([] if "--site" in arguments else ["--site", str(site)]), cwd=tmp_path)
    assert (told.returncode, told.stderr.strip()) == (1, message)


@pytest.mark.parametrize("command", ["export", "rehearse"])
def test_without_a_browser_it_says_what_to_install(command, site, tmp_path):
    told = run(command, "it-first", "--site", str(site), cwd=tmp_path, CHROMIUM="/nowhere/chromium")
    assert told.returncode == 1
    assert (
        told.stderr.strip()
        == "roadshow: CHROMIUM=/nowhere/chromium: this does not start; name a Chromium that does, or unset the variable"
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    told = run(command, "it-first", "--site", str(site), cwd=tmp_path, PATH=str(empty), PLAYWRIGHT_BROWSERS_PATH=str(empty))
    assert told.returncode == 1
    assert "apt-get install chromium" in told.stderr


def test_export_of_all_writes_four_files_a_deck(site, tmp_path):
    told = run("export", "--all", "--site", str(site), "--to", "stick", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    names = {f"{deck}{end}" for deck in ("it-first", "science-first") for end in (".html", ".pdf", "-notes.pdf", "-handout.pdf")}
    assert {path.name for path in (tmp_path / "stick").iterdir()} == names
    assert len(PdfReader(tmp_path / "stick" / "it-first-notes.pdf").pages) == 1


def test_a_full_disk_leaves_no_half_file(site, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    space = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(stick)]
    inside = (
        f"{' '.join(space)} && {ROADSHOW[0]} export it-first --site {site} --to {stick}; status=$?; ls -A {stick}; exit $status"
    )
    # A mount namespace of its own: the small disk is gone with it.
    own = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    told = subprocess.run([*own, "sh", "-c", inside], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "cannot be written (No space left on device); name another folder with --to, or make room" in told.stderr
    left = [line for line in told.stdout.splitlines() if not line.startswith(str(stick))]
    assert [name for name in left if "draft" in name] == []
    assert "Traceback" not in told.stderr


def test_rehearse_says_by_its_exit_whether_anything_is_wrong(site, tmp_path):
    good = run("rehearse", "it-first", "--site", str(site), "--to", "report", cwd=tmp_path)
    assert (good.returncode, "no fault" in good.stdout) == (0, True)
    bad = run("rehearse", "--all", "--site", str(site), "--to", "report", cwd=tmp_path)
    assert bad.returncode == 1
    assert "one: small-text: 12 px" in bad.stdout
    told = json.loads((tmp_path / "report" / "science-first.json").read_text(encoding="utf-8"))
    assert [fault["kind"] for fault in told["slides"][0]["faults"]] == ["small-text"]


@pytest.fixture
def windows(tmp_path):
    """A Chromium without a screen, to be taken for the real one; its debugging port tells which windows it opened."""
    port = tmp_path / "profile"
    script = tmp_path / "chromium"
    script.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && exec {browser.ensure()} --version\n'
        f'for option; do case "$option" in --user-data-dir=*) echo "${{option#*=}}" > {port};; esac; done\n'
        f'exec {browser.ensure()} --headless=new --remote-debugging-port=0 "$@"\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script, port


def waited(what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.1)
    raise AssertionError("nothing came")


def test_present_serves_opens_a_window_and_ends(site, tmp_path, windows, chromium):
    script, profile = windows
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        serving = subprocess.Popen(
            [*ROADSHOW, "present", "it-first", "--site", str(site), "--port", str(port)],
            cwd=tmp_path, env={**os.environ, "CHROMIUM": str(script)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert serving.stdout.readline().startswith(f"Port {port} is taken, so it is ")
        address = serving.stdout.readline().split()[1]
    assert address.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(address) as answer:
        assert b'id="one"' in answer.read()
    folder = Path(waited(lambda: profile.exists() and profile.read_text().strip()))
    debugging = waited(lambda: (folder / "DevToolsActivePort").exists() and (folder / "DevToolsActivePort").read_text().split()[0])
    opened = chromium.browser_type.connect_over_cdp(f"http://127.0.0.1:{debugging}")
    pages = waited(lambda: [page.url for page in opened.contexts[0].pages if page.url.startswith(address)])
    assert pages == [f"{address}?speaker"]
    opened.close()
    # A terminal that closes does not end the talk; Ctrl-C does, and takes the browser with it.
    serving.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert serving.poll() is None
    serving.send_signal(signal.SIGINT)
    assert serving.wait(timeout=15) == 0
    assert not folder.exists()
    assert "Traceback" not in serving.stderr.read()
