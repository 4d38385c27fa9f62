"""What a page says of itself to others: title, description and, on a site whose address is known, a card and other languages.

The names of the tags are those of the Open Graph protocol (https://ogp.me).
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from docutils import nodes
from PIL import Image, ImageDraw, ImageFont
from sphinx.application import Sphinx

CARDS = "_cards"
SIZE = 1200, 630
NIGHT, WHITE, PALE, EMBER = "#0d2433", "#ffffff", "#d6e6ee", "#ffab7d"
"""The colours of the front page's head, as in `site.css`."""
_LENGTH = 200
_MARGIN = 80


def add_tags(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Add the tags to the head of a page. (`html-page-context`.)

    Slides have the words and the card of their deck's page; what is no document, such as the search, those of the front page.
    """
    if template == "roadshow/moved.html":
        return
    source = context.get("deck_page", page if page in app.env.found_docs else app.config.root_doc)
    title = app.env.titles[source].astext()
    text = description(doctree if page == source else app.env.get_doctree(source)) or app.config.project
    tags = {"og:title": title, "og:description": text, "og:type": "website", "og:site_name": app.config.project}
    lines = [f'<meta name="description" content="{escape(text)}">']
    if app.config.html_baseurl:
        folder = app.config.html_baseurl.rstrip("/") + "/"
        address = app.builder.get_target_uri(page)
        tags["og:url"] = urljoin(folder, address)
        if others := context.get("languages"):
            places = {code: urljoin(folder, f"{place}/") for code, place in others.items()}
            places[app.config.language.split("_")[0]] = folder
            alternates = ((code, escape(urljoin(place, address))) for code, place in sorted(places.items()))
            lines += [f'<link rel="alternate" hreflang="{code}" href="{whole}">' for code, whole in alternates]
        if app.config.roadshow_card_fonts:
            card = f"{CARDS}/{source}.png"
            if page == source:
                fonts = [Path(app.srcdir, font) for font in app.config.roadshow_card_fonts]
                _save(draw(title, text, app.config.project, *fonts), Path(app.outdir, card))
            width, height = map(str, SIZE)
            tags |= {"og:image": urljoin(folder, card), "og:image:width": width, "og:image:height": height}
            tags["og:image:alt"] = f"{title}. {text}"
            lines.append('<meta name="twitter:card" content="summary_large_image">')
    lines += [f'<meta property="{name}" content="{escape(value)}">' for name, value in tags.items()]
    context["metatags"] = "\n".join([context.get("metatags", ""), *lines, ""])


def description(doctree: nodes.document) -> str:
    """The first paragraph of a page, cut at a word where it is long; nothing where there is none."""
    paragraphs = doctree.findall(nodes.paragraph)
    text = next((" ".join(found.astext().split()) for found in paragraphs if "take-away" not in found["classes"]), "")
    return text if len(text) <= _LENGTH else text[:_LENGTH].rsplit(" ", 1)[0].rstrip(",;:. ") + "…"


def draw(title: str, text: str, site: str, bold: Path, regular: Path) -> Image.Image:
    """The card of a page: its title, its description, and the name of the site at the foot."""
    card = Image.new("RGB", SIZE, NIGHT)
    pen, width = ImageDraw.Draw(card), SIZE[0] - 2 * _MARGIN
    fonts = (ImageFont.truetype(bold, size) for size in (76, 62, 50, 40))
    font, lines = next((font, lines) for font in fonts if len(lines := _lines(pen, title, font, width)) <= 3 or font.size == 40)
    pen.multiline_text((_MARGIN, _MARGIN - 10), "\n".join(lines[:4]), fill=WHITE, font=font, spacing=10)
    top = _MARGIN + min(len(lines), 4) * (font.size + 14) + 20
    small = ImageFont.truetype(regular, 34)
    room = int(SIZE[1] - _MARGIN - 60 - top) // 48
    pen.multiline_text((_MARGIN, top), "\n".join(_lines(pen, text, small, width)[:room]), fill=PALE, font=small, spacing=12)
    pen.text((_MARGIN, SIZE[1] - _MARGIN), site, fill=EMBER, font=ImageFont.truetype(bold, 34), anchor="ls")
    return card.quantize(32, method=Image.Quantize.FASTOCTREE)


def _lines(pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """A text in lines that are no wider than `width`, but for a word that is."""
    lines: list[str] = []
    for word in text.split():
        if lines and pen.textlength(f"{lines[-1]} {word}", font=font) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _save(card: Image.Image, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    card.save(file)
