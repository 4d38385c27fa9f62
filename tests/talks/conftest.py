"""Run a segment's cells with something changed, to see that its assertions notice."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def broken(tmp_path):
    """Runs the cells of a segment with one text replaced by another; gives the finished process of `roadshow run`."""

    def run(segment, old, new):
        text = (ROOT / f"talks/segments/{segment}.md").read_text(encoding="utf-8")
        assert old in text, f"{segment} does not say {old!r}"
        copy = tmp_path / f"{segment}.md"
        copy.write_text(text.replace(old, new), encoding="utf-8")
        command = [sys.executable, "-c", "from roadshow.cli import app; app()", "run", str(copy)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)

    return run
