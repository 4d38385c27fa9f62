"""A page that is large says in its foot what makes it so."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx

LIMIT = 300_000
"""The bytes of HTML, without its pictures, above which a page says why."""

_PICTURES = re.compile(r"<svg\b.*?</svg>|data:image/[^\"')\s]*", re.DOTALL | re.IGNORECASE)
_CLASS, _END = "weight", "</article>"


def say_weight(app: Sphinx, exception: Exception | None) -> None:
    """Say under each page that is over the limit what makes it large; slides have no foot. (`build-finished`.)"""
    if exception or app.builder.name != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        if path.stat().st_size <= LIMIT or path.is_relative_to(Path(app.outdir, "_static")):
            continue
        page = path.read_text(encoding="utf-8")
        if weight(page) > LIMIT and _END in page and f'<p class="{_CLASS} ' not in page:
            path.write_text(
                page.replace(_END, f'<p class="{_CLASS} measured">{escape(reason(page))}</p>\n{_END}', 1), encoding="utf-8"
            )


def weight(page: str) -> int:
    """The bytes of a page's HTML without the pictures in it."""
    return len(_PICTURES.sub("", page).encode())


def reason(page: str) -> str:
    """One sentence on what makes a page large: the smallest of its parts that is more than half of it, by name."""
    whole = weight(page)
    parts = _parts(BeautifulSoup(_PICTURES.sub("", page), "html.parser"))
    part, size = next(((name, size) for name, size in parts if size > whole / 2), ("", 0))
    if not part:
        return f"This page has {_said(whole)} of HTML without its pictures; no one part of it is more than half of that."
    return f"This page has {_said(whole)} of HTML without its pictures; {_said(size)} of that is {part}."


def _parts(page: BeautifulSoup) -> list[tuple[str, int]]:
    """What a reader can tell apart on a page, with its bytes: the files that it carries, what cells give, its sections."""
    links = page.select('a[href^="data:"]')
    carried = [(f"the file {link.get('download', 'without a name')}, which a link carries", link["href"]) for link in links]
    given = [(f"what a cell under “{_title(output)}” shows", output) for output in page.select(".cell_output")]
    sections = [(f"the section “{_title(section)}”", section) for section in page.select("article section section")]
    return [(name, len(str(part).encode())) for name, part in [*carried, *given, *sections]]


def _title(part: Tag) -> str:
    section = part if part.name == "section" else part.find_parent("section")
    heading = section.find(re.compile("^h[1-6]$")) if section else None
    return heading.get_text().strip().removesuffix("#") if heading else "its title"


def _said(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
