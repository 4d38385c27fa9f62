"""Measure builds of this site against a plain Sphinx build of as many pages: ``make bench`` writes RESULTS.md.

Everything is built in copies, one beside the other in one run; what counts is the ratio.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLAIN = """
extensions = ["PARSER", "sphinx_design", "sphinx_copybutton"]
nb_execution_mode = "off"
project = "Plain"
exclude_patterns = ["_build"]
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "tasklist"]
myst_heading_anchors = 3
suppress_warnings = ["myst", "toc", "docutils", "ref"]
html_theme = "sphinx_book_theme"
html_static_path = ["assets"]
html_css_files = ["theme.css", "site.css"]
"""
OUR_DIRECTIVES = re.compile(r"^:::\{(?:slide|notes|reader|speakers|adopters|counter-evidence)\}.*$", re.MULTILINE)
THIRD = """# A third talk

```{deck}
:slot: 90
"""


def build(folder: Path, *options: str) -> float:
    """Build the project in `folder` and return the wall time in seconds."""
    command = [sys.executable, "-m", "sphinx", "-q", *options, str(folder), str(folder / "_build/html")]
    # As on a user's machine, where Python keeps what it compiled.
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=folder, env=environment)
    return time.perf_counter() - start


def our_copy(folder: Path) -> Path:
    """A copy of this project, without what is built or installed in it."""
    ignored = shutil.ignore_patterns("_build", ".venv", ".tools", ".git", "__pycache__", ".*_cache")
    return Path(shutil.copytree(ROOT, folder, ignore=ignored))


def plain_copy(ours: Path, folder: Path, parser: str) -> Path:
    """The same pages for plain Sphinx with `parser`: cells are not run, and our directives are admonitions."""
    for source in [ours / "index.md", *ours.glob("guide/**/*.md"), *ours.glob("talks/**/*.md")]:
        text = source.read_text(encoding="utf-8")
        if parser == "myst_parser":
            text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
            text = re.sub(r"^```\{code-cell\}.*?\n(?:---\n.*?\n---\n)?", "```python\n", text, flags=re.MULTILINE | re.DOTALL)
        text = OUR_DIRECTIVES.sub(":::{note}", text)
        text = re.sub(r"^```\{deck\}", "```text", text, flags=re.MULTILINE)
        target = folder / source.relative_to(ours)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    shutil.copytree(ours / "assets", folder / "assets")
    (folder / "conf.py").write_text(PLAIN.replace("PARSER", parser), encoding="utf-8")
    return folder


def add_third_deck(folder: Path) -> None:
    """Add a deck of every segment."""
    segments = sorted(path.stem for path in (folder / "talks/segments").glob("*.md"))
    lines = "".join(f"{name} full scientist\n" for name in segments)
    (folder / "talks/third.md").write_text(f"{THIRD}{lines}```\n", encoding="utf-8")


def cell_runs(folder: Path) -> float:
    """The time of the newest record of a run."""
    return max(path.stat().st_mtime for path in (folder / "_build/.jupyter_cache/records").glob("*.json"))


def measure(work: Path) -> list[tuple[str, str]]:
    """Build both copies in turn and return the rows of the table."""
    ours = our_copy(work / "ours")
    plain = {parser: plain_copy(ours, work / parser, parser) for parser in ("myst_parser", "myst_nb")}
    cold = build(ours, "-W", "-j", "auto")
    plain_cold = {parser: build(folder, "-j", "auto") for parser, folder in plain.items()}
    build(ours, "-W")
    warm, plain_warm = [], {parser: list[float]() for parser in plain}
    for _ in range(7):
        warm.append(build(ours, "-W"))
        for parser, folder in plain.items():
            plain_warm[parser].append(build(folder))
    before = cell_runs(ours)
    third = []
    for _ in range(3):
        add_third_deck(ours)
        third.append(build(ours, "-W"))
        (ours / "talks/third.md").unlink()
        build(ours, "-W")
    ratio = {parser: statistics.median(warm) / statistics.median(times) for parser, times in plain_warm.items()}
    added = statistics.median(third) - statistics.median(warm)
    pages = len(list((ours / "_build/html").rglob("*.html")))
    return [
        ("pages in the built site, decks among them", f"{pages}"),
        ("cold build, every cell run (`-j auto`)", f"{cold:.1f} s"),
        ("plain Sphinx with myst-nb, the same pages, cold, no cell run", f"{plain_cold['myst_nb']:.1f} s"),
        ("nothing changed (median of 7)", f"{statistics.median(warm):.1f} s"),
        ("nothing changed, against plain Sphinx with myst-nb (medians of 7 in turn)", f"{ratio['myst_nb']:.2f} times"),
        ("nothing changed, against plain Sphinx with myst-parser, which reads no cells", f"{ratio['myst_parser']:.2f} times"),
        ("a third deck of every segment: cells run again", f"{'none' if cell_runs(ours) == before else 'SOME'}"),
        ("a third deck: time on top of a build with nothing changed, of a cold build", f"{added / cold:.1%}"),
        ("a third deck: the whole incremental build, of a cold build", f"{statistics.median(third) / cold:.1%}"),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as work:
        rows = measure(Path(work))
    versions = ", ".join(f"{name} {version(name)}" for name in ("sphinx", "myst-nb", "sphinx-book-theme", "xarray", "dask"))
    table = "\n".join(f"| {what} | {figure} |" for what, figure in rows)
    text = f"""# What a build costs

Measured by `make bench` on {date.today():%d %B %Y}: {os.cpu_count()} cores, {platform.system()},
Python {platform.python_version()}, {versions}.

| what | figure |
| --- | --- |
{table}
"""
    (ROOT / "benchmarks/RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
