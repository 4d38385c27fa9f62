"""What two builds of the same sources differ in, but for what is marked as measured."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

from bs4 import BeautifulSoup

MEASURED = ".measured, .tag_measured .cell_output"


def differences(first: Path, second: Path) -> list[str]:
    """Each file in which two built sites differ, as a line; of a page, the first cell whose output differs.

    Sphinx's own notes of the build (`.doctrees`) are not of the site. Nor are pictures that only a measured cell shows.
    """
    sides = [_Site(folder) for folder in (first, second)]
    found = [f"{name}: only in one" for name in sorted(sides[0].files ^ sides[1].files)]
    for name in sorted(sides[0].files & sides[1].files):
        if name.endswith(".html"):
            pages = [side.pages[name] for side in sides]
            if str(pages[0]) != str(pages[1]):
                found.append(f"{name}: {_where(*pages)}")
        elif (first / name).read_bytes() != (second / name).read_bytes():
            found.append(f"{name}: other bytes")
    return found


class _Site:
    def __init__(self, folder: Path) -> None:
        names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        self.pages = {name: _without_measured(folder / name) for name in names if name.endswith(".html")}
        shown = {Path(image["src"]).name for page in self.pages.values() for image in page.select("img[src]")}
        self.files = {name for name in names if not name.startswith(".doctrees/")}
        self.files -= {name for name in names if name.startswith("_images/") and Path(name).name not in shown}


def _without_measured(path: Path) -> BeautifulSoup:
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for element in page.select(MEASURED):
        element.decompose()
    # Sphinx adds a digest of a file, which is compared itself, only where the file was there before.
    for element in page.select("link[href]"):
        element["href"] = element["href"].split("?v=")[0]
    return page


def _where(first: BeautifulSoup, second: BeautifulSoup) -> str:
    for one, other in zip_longest(first.select("div.cell"), second.select("div.cell")):
        if str(one) != str(other):
            source = one and one.select_one(".cell_input")
            return f"the cell {source.text.strip().splitlines()[0]!r}" if source else "a cell"
    return "outside the cells"
