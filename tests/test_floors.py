"""Imports never run upward: the contracts stand in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_imports_keep_to_their_floors():
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_engine_names_no_visit_no_institution_and_no_talk():
    names = [
        "met office",
        "exeter",
        "glosea",
        "it-first",
        "science-first",
        *(path.stem for path in ROOT.glob("talks/segments/*.md")),
    ]
    for path in (ROOT / "src").rglob("*.*"):
        if path.suffix in {".py", ".html", ".css", ".js"}:
            text = path.read_text(encoding="utf-8").lower()
            assert [name for name in names if name in text] == [], path
