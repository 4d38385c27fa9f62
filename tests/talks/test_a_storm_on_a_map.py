"""The storm on its own data, and without them on what pip brings; each claim is red when its cause is changed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HIDDEN = """style.use()
from dataclasses import replace
samples.SAMPLES["storm"] = replace(samples.SAMPLES["storm"], home="/no/such/folder")
"""


def _run(tmp_path, text):
    copy = tmp_path / "a-storm-on-a-map.md"
    copy.write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", "from roadshow.cli import app; app()", "run", str(copy)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_without_debians_data_it_shows_what_pip_brings_and_says_so(tmp_path):
    text = (ROOT / "talks/segments/a-storm-on-a-map.md").read_text(encoding="utf-8")
    assert text.count("style.use()\n") == 1
    done = _run(tmp_path, text.replace("style.use()\n", HIDDEN))
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stdout + done.stderr
    told = " ".join(done.stdout.split())
    assert "not on this machine" in told
    assert "984 hPa" in told
    assert "1996" not in told


@pytest.mark.parametrize(
    ("old", "new", "assertion"),
    [
        ("storm.lows(pressure)  ", "storm.lows(-pressure)  ", "ends[0]"),
        ("storm.tracks(centres)  ", "storm.tracks(centres, 30.0)  ", "ends[0]"),
        ("storm.deepening(track) for", "storm.deepening(2 * track.assign_attrs(units='Pa')) for", "best.fall"),
    ],
    ids=["highs", "slow", "double"],
)
def test_another_track_or_fall_is_found_out(red, old, new, assertion):
    red("a-storm-on-a-map", old, new, assertion)
