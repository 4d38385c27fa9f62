"""What one can carry on a stick: a deck as one file, as PDF, as PDF with its notes, as a handout, and its captions."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from playwright.sync_api import Browser, Page

from roadshow.stage.browser import opened
from roadshow.stage.built import BuiltDeck, read_slides
from roadshow.stage.captions import captions
from roadshow.stage.files import written
from roadshow.stage.single import one_file

type Progress = Callable[[str, int, int], None]

KINDS = ("html", "pdf", "notes", "handout")


def export(deck: BuiltDeck, folder: Path, browser: Browser, progress: Progress = lambda kind, done, total: None) -> list[Path]:
    """Write ``<deck>.html``, ``<deck>.pdf``, ``<deck>-notes.pdf`` and ``<deck>-handout.pdf`` into `folder`, each whole or not.

    Args:
        deck: the built deck.
        folder: where to; it is made where it is not there.
        browser: a browser that is open; it makes the PDFs.
        progress: told the kind of file, and how many of its parts are done, of how many.

    Raises:
        StageError: `folder` cannot be written, or a file of the deck is missing.
    """
    made = [folder / f"{deck.name}.html"]
    with written(made[0]) as draft:
        draft.write_text(one_file(deck, lambda done, total: progress("html", done, total)), encoding="utf-8")
    progress("html", 1, 1)
    for kind, name in ("pdf", f"{deck.name}.pdf"), ("notes", f"{deck.name}-notes.pdf"), ("handout", f"{deck.name}-handout.pdf"):
        made.append(folder / name)
        progress(kind, 0, 1)
        with written(made[-1]) as draft:
            draft.write_bytes(_pdf(deck, browser) if kind == "pdf" else _paper(deck, browser, kind))
        progress(kind, 1, 1)
    return made


def write_captions(deck: BuiltDeck, folder: Path) -> Path:
    """Write ``<deck>.vtt`` into `folder` and return its path.

    Raises:
        StageError: `folder` cannot be written.
    """
    path = folder / f"{deck.name}.vtt"
    with written(path) as draft:
        draft.write_text(captions(read_slides(deck)), encoding="utf-8")
    return path


def _load_pictures(page: Page) -> None:
    """Load those too that a browser leaves until they are shown."""
    page.evaluate("document.querySelectorAll('img[loading]').forEach(image => (image.loading = 'eager'))")
    page.wait_for_function("[...document.images].every(image => image.complete)")


def _pdf(deck: BuiltDeck, browser: Browser) -> bytes:
    with opened(browser, deck.path, "?print-pdf") as page:
        page.wait_for_selector(".pdf-page")
        _load_pictures(page)
        return page.pdf(prefer_css_page_size=True, print_background=True, tagged=True)


# Long notes in smaller type, down to 8.5 pt, so that a slide and what is said on it stay on one page of 180 by 267 mm.
_SMALLER_WHERE_LONG = """() => {
  const paper = document.querySelector(".paper"), room = 262 * 96 / 25.4;
  paper.style.width = "180mm";
  for (const sheet of paper.children) {
    const said = sheet.querySelector(".said");
    for (let size = 12.5; sheet.offsetHeight > room && size >= 8.5; size -= 0.5) said.style.fontSize = `${size}pt`;
  }
}"""


def _paper(deck: BuiltDeck, browser: Browser, kind: str) -> bytes:
    own = files("roadshow.stage")
    with opened(browser, deck.path) as page:
        _load_pictures(page)
        page.evaluate((own / "paper.js").read_text(encoding="utf-8").partition("\n")[2], kind)
        # reveal.js prints its slides in black only.
        page.emulate_media(media="screen")
        page.add_style_tag(content=(own / "paper.css").read_text(encoding="utf-8"))
        if kind == "notes":
            page.evaluate(_SMALLER_WHERE_LONG)
        return page.pdf(prefer_css_page_size=True, print_background=True, tagged=True)
