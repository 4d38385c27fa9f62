"""Once installed, the build needs no network: a cold one, without -j, in a network namespace that has loopback only."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.no_network import without_network

ROOT = Path(__file__).parents[2]
PROBE = """
import socket, sys
from sphinx.cmd.build import main
try:
    socket.create_connection(("198.51.100.1", 80), timeout=2)
except OSError:
    sys.exit(main(sys.argv[1:]))
sys.exit("there is a way out of this namespace")
"""


def test_a_cold_build_needs_no_network(tmp_path):
    ignored = shutil.ignore_patterns("_build", ".venv", ".tools", ".git", "__pycache__", ".*_cache")
    copy = shutil.copytree(ROOT, tmp_path / "a copy", ignore=ignored)
    home = tmp_path / "home"
    home.mkdir()
    run = subprocess.run(
        without_network([sys.executable, "-c", PROBE, "-W", "-q", str(copy), str(copy / "_build/html")]),
        cwd=copy,
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert (copy / "_build/html/talks/it-first-slides.html").exists()
    tracked = {path.relative_to(copy) for path in copy.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    made = {path for path in tracked if path.parts[0] != "_build" and not (ROOT / path).exists()}
    assert made == set(), "the build wrote into the source tree"
