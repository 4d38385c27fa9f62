"""What the Makefile promises: `make` alone lists every target with what it does."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_make_alone_lists_the_targets():
    listed = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = {line.split()[1]: line.split(maxsplit=2)[2] for line in listed.splitlines()}
    phony = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:"))
    assert set(named) == set(phony.removeprefix(".PHONY:").split())
    assert all(named.values())


def test_the_lock_files_hold_names_versions_and_hashes_only():
    for name in ("requirements.lock", "tools.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if "://" in line] == []
        pinned = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert all("==" in line for line in pinned)
        assert sum("--hash=sha256:" in line for line in lines) >= len(pinned) > 0
