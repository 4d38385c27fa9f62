"""The letters and sheets of a visit as files: text to paste, and A4 to print where paper is used."""

from __future__ import annotations

import html
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from roadshow.letters import Letter
from roadshow.stage import StageError
from roadshow.stage.files import written

_FIT = """() => {
  const sheet = document.querySelector('main'), size = parseFloat(getComputedStyle(sheet).fontSize);
  for (let part = 1; sheet.scrollHeight > sheet.clientHeight && part > 0.2; part -= 0.02) sheet.style.fontSize = `${size * part}px`;
}"""
"""Makes a sheet of a fixed height smaller until all of it is on its page; one that may go over several stays as it is."""


def write_letters(letters: Iterable[Letter], folder: Path, browser: Browser, theme: Path) -> list[Path]:
    """Write ``<name>.txt``, and ``<name>.pdf`` of what is on paper, into `folder`, each whole or not.

    A letter that this visit leaves out is removed there: a former one would be of another visit.

    Args:
        letters: the letters of one visit.
        folder: where to; it is made where it is not there.
        browser: a browser that is open; it makes the PDFs.
        theme: the style sheet of the site, which brings the fonts.

    Raises:
        StageError: `folder` cannot be written, or there is no theme.
    """
    if not theme.is_file():
        raise StageError(f"{theme}: there is no such style sheet; run the command in the project's folder")
    made = []
    for letter in letters:
        text, paper = folder / f"{letter.name}.txt", folder / f"{letter.name}.pdf"
        if letter.left_out:
            text.unlink(missing_ok=True)
            paper.unlink(missing_ok=True)
            continue
        with written(text) as draft:
            draft.write_text(letter.text, encoding="utf-8")
        made.append(text)
        if letter.paper:
            with written(paper) as draft:
                draft.write_bytes(_pdf(letter, browser, theme))
            made.append(paper)
    return made


def sheet(letter: Letter, theme: Path) -> str:
    """The page of HTML from which a letter is printed."""
    own = (files("roadshow.stage") / "letters.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{html.escape(letter.title)}</title>'
        f'<link rel="stylesheet" href="{theme.absolute().as_uri()}"><style>{own}</style></head>'
        f'<body class="{letter.name}"><main>{letter.html}</main></body></html>'
    )


def _pdf(letter: Letter, browser: Browser, theme: Path) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "letter.html")
        path.write_text(sheet(letter, theme), encoding="utf-8")
        page = browser.new_page()
        try:
            page.goto(path.as_uri())
            page.evaluate("document.fonts.ready.then(() => null)")
            page.evaluate(_FIT)
            return page.pdf(prefer_css_page_size=True, print_background=True, tagged=True)
        finally:
            page.close()
