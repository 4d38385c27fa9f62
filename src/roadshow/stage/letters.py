"""The letters and sheets of a visit as files: text to paste, and A4 to print where paper is used."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from roadshow.letters import Letter
from roadshow.stage import StageError
from roadshow.stage.files import written

_OWN = files("roadshow.stage")


def write_letters(
    letters: Iterable[Letter], folder: Path, browser: Browser, theme: Path, warn: Callable[[str], None] = lambda text: None
) -> list[Path]:
    """Write ``<name>.txt``, and ``<name>.pdf`` of what is on paper, into `folder`, each whole or not.

    A letter that this visit leaves out is removed there: a former one would be of another visit.

    Args:
        letters: the letters of one visit.
        folder: where to; it is made where it is not there.
        browser: a browser that is open; it makes the PDFs.
        theme: the style sheet of the site, which brings the fonts.
        warn: told of a sheet with letters that no font of this machine has.

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
            pdf, lacking = _printed(letter, browser, theme)
            with written(paper) as draft:
                draft.write_bytes(pdf)
            if lacking:
                mend = "install one that has (Debian: fonts-noto-core, fonts-noto-cjk), and write the letters again"
                warn(f"{paper}: no font here has {lacking}; {mend}")
            made.append(paper)
    return made


def sheet(letter: Letter, theme: Path) -> str:
    """The page of HTML from which a letter is printed."""
    own = (_OWN / "letters.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{html.escape(letter.title)}</title>'
        f'<link rel="stylesheet" href="{theme.absolute().as_uri()}"><style>{own}</style></head>'
        f'<body class="{letter.name}"><main>{letter.html}</main></body></html>'
    )


def _printed(letter: Letter, browser: Browser, theme: Path) -> tuple[bytes, str]:
    """A letter as PDF, and what of it no font draws."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "letter.html")
        path.write_text(sheet(letter, theme), encoding="utf-8")
        page = browser.new_page()
        try:
            page.goto(path.as_uri())
            page.evaluate("document.fonts.ready.then(() => null)")
            lacking: str = page.evaluate((_OWN / "letters.js").read_text(encoding="utf-8").partition("\n")[2])
            return page.pdf(prefer_css_page_size=True, print_background=True, tagged=True), lacking
        finally:
            page.close()
