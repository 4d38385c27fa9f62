"""Measure a deck as one file against the same content as an ``nbconvert --to slides`` deck: ``make bench`` writes STAGE.md.

Both hold the same cells and outputs, with pictures embedded, and are opened in one browser in turn, from the disk, with the
network off. nbconvert gets reveal.js beside its file: without a network its own stays away and the deck blank.
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
from datetime import date
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import nbformat
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from playwright.sync_api import Browser

from roadshow.deck import Choice, read_decks
from roadshow.stage import browser
from roadshow.stage.built import BuiltDeck, find_all, read_slides
from roadshow.stage.export import export

ROOT = Path(__file__).parents[1]
RUNS = 15
_FENCE = re.compile(r"^(:{3,})\{(\w[\w-]*)\}.*?^\1\s*$", re.MULTILINE | re.DOTALL)
_FROM_DISK = """<script src="reveal/dist/reveal.js"></script><script src="reveal/plugin/notes/notes.js"></script>
<script>var require = (config, files, then) => addEventListener("load", () => then(Reveal, RevealNotes));
require.config = () => {};</script>"""
_HIDDEN = {"remove-cell": "cell", "remove-input": "input", "hide-input": "input"}


def choices_of(deck: str) -> tuple[Choice, ...]:
    """The lines of a deck."""
    return read_decks(ROOT / "talks")[deck].choices


def executed() -> dict[str, nbformat.NotebookNode]:
    """The notebooks with their outputs, by the code that they hold."""
    stored = (ROOT / "_build/.jupyter_cache/executed").glob("*/base.ipynb")
    notebooks = [nbformat.read(path, as_version=4) for path in stored]
    return {code_of(notebook): notebook for notebook in notebooks}


def code_of(notebook: nbformat.NotebookNode) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def slides_of(choice: Choice, outputs: dict[str, nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """The cells of a segment at a depth: headings begin slides, and what only our build understands is left out."""
    path = ROOT / "talks/segments" / f"{choice.segment}.md"
    config = MdParserConfig(enable_extensions={"colon_fence", "dollarmath"})
    read = read_myst_markdown_notebook(path.read_text(encoding="utf-8"), config=config, add_source_map=True, path=str(path))
    ran = iter(cell for cell in outputs[code_of(read)].cells if cell.cell_type == "code") if code_of(read) else iter(())
    cells, shown = [], False
    for cell in read.cells:
        if cell.cell_type == "code":
            done = next(ran)
            done.metadata.update(cell.metadata)
            cells += [done] if shown else []
            continue
        for part in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE):
            if part.startswith("## "):
                told = re.search(r":depth: (\w+)", part.split("## ", 1)[1])
                shown = told is None or told[1] == choice.depth
                metadata = {"slideshow": {"slide_type": "slide"}}
                text = _FENCE.sub("", part).strip()
                cells += [nbformat.v4.new_markdown_cell(text, metadata=metadata)] if shown else []
            elif shown and _FENCE.sub("", part).strip():
                cells.append(nbformat.v4.new_markdown_cell(_FENCE.sub("", part).strip()))
    return cells


def by_nbconvert(deck: str, folder: Path) -> tuple[Path, int]:
    """Write the deck with nbconvert, and return its file and the number of its slides."""
    outputs = executed()
    cells = [cell for choice in choices_of(deck) for cell in slides_of(choice, outputs)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    source = folder / f"{deck}.ipynb"
    nbformat.write(notebook, source)
    shutil.copytree(Path(str(files("sphinx_revealjs"))) / "_static/revealjs", folder / "reveal", dirs_exist_ok=True)
    tags = {kind: [tag for tag, what in _HIDDEN.items() if what == kind] for kind in ("cell", "input")}
    command = [
        *(sys.executable, "-m", "nbconvert", "--to", "slides", "--log-level", "ERROR", "--SlidesExporter.reveal_url_prefix=reveal"),
        "--TagRemovePreprocessor.enabled=True",
        *(f"--TagRemovePreprocessor.remove_{kind}_tags={tag}" for kind, named in tags.items() for tag in named),
    ]
    subprocess.run([*command, str(source)], check=True, cwd=folder)
    made = folder / f"{deck}.slides.html"
    # Its scripts come through require.js from a CDN, and without a network it stays blank: load them from the disk.
    made.write_text(made.read_text(encoding="utf-8").replace("</head>", f"{_FROM_DISK}</head>", 1), encoding="utf-8")
    return made, sum("slideshow" in cell.metadata for cell in cells)


def first_paint(chromium: Browser, path: Path) -> tuple[float, int]:
    """Milliseconds from opening to the first slide's paint, and how many files were asked for, with the network off."""
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1280, "height": 720}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if not request.url.startswith("data:") else None)
    page.goto(path.as_uri(), wait_until="commit")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.wait_for_load_state("load")
    context.close()
    return painted, len([url for url in asked if url != path.as_uri()])


def measure(deck: BuiltDeck, work: Path, chromium: Browser) -> list[tuple[str, str]]:
    """The rows of the table for one deck."""
    theirs, their_slides = by_nbconvert(deck.name, work)
    ours = export(deck, work / "ours", chromium)[0]
    our_slides = len(read_slides(deck))
    painted: dict[Path, list[float]] = {ours: [], theirs: []}
    asked = {}
    for _ in range(RUNS):
        for path, times in painted.items():
            milliseconds, asked[path] = first_paint(chromium, path)
            times.append(milliseconds)
    median = {path: statistics.median(times) for path, times in painted.items()}
    size = {ours: ours.stat().st_size / our_slides, theirs: theirs.stat().st_size / their_slides}
    return [
        (f"{deck.name}: slides, ours and nbconvert's", f"{our_slides} and {their_slides}"),
        (f"{deck.name}: files asked for when opened, network off", f"{asked[ours]} and {asked[theirs]}"),
        (f"{deck.name}: bytes a slide", f"{size[ours] / size[theirs]:.2f} times (ours {size[ours] / 1000:.0f} kB)"),
        (
            f"{deck.name}: first paint (medians of {RUNS} in turn)",
            f"{median[ours] / median[theirs]:.2f} times (ours {median[ours]:.0f} ms)",
        ),
    ]


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as work, browser.headless() as chromium:
        for deck in find_all(ROOT / "_build/html").values():
            rows += measure(deck, Path(work), chromium)
        chromium_version = chromium.version
    versions = ", ".join(f"{name} {version(name)}" for name in ("nbconvert", "sphinx-revealjs", "playwright"))
    table = "\n".join(f"| {what} | {figure} |" for what, figure in rows)
    text = f"""# What a deck weighs, and how soon it shows

Measured by `make bench` on {date.today():%d %B %Y}: {os.cpu_count()} cores, {platform.system()},
Chromium {chromium_version}, {versions}.
A deck that `roadshow export` wrote as one file, against the same segments as `nbconvert --to slides` shows them, its pictures
embedded, with reveal.js beside it. Ours holds the speaker's notes and the backup slides besides; its slides are those of the flow.

| what | figure |
| --- | --- |
{table}
"""
    (ROOT / "benchmarks/STAGE.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
