"""Run a segment's cells with something changed, to see that its assertions notice."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from roadshow.cells import read_cells

ROOT = Path(__file__).parents[2]


@pytest.fixture
def red(tmp_path):
    """Runs a segment with one text in place of another, and sees that it ends at the assertion that has or says these words."""

    def run(segment, old, new, assertion, *, text=None):
        text = text or (ROOT / f"talks/segments/{segment}.md").read_text(encoding="utf-8")
        assert old in text, f"{segment} does not say {old!r}"
        changed = text.replace(old, new)
        copy = tmp_path / f"{segment}.md"
        copy.write_text(changed, encoding="utf-8")
        command = [sys.executable, "-c", "from roadshow.cli import app; app()", "run", str(copy)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 1, done.stdout
        said = " ".join(done.stderr.split())
        number = re.search(r"cell (\d+) of \d+ raised AssertionError", said)
        assert number, said
        assert assertion in said or assertion in read_cells(changed)[int(number[1]) - 1].code, said

    return run
