"""What a server has of the site beside its pages: a page for addresses that are none, pages that moved, a sitemap."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.sax.saxutils import escape

from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from roadshow.policy import has_policy

NOT_FOUND = "404"
"""The page that servers show for an address that leads nowhere, whatever its depth."""


def write_moved(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """At the address of each page that moved, one that leads on to where it is now. (`html-collect-pages`.)"""
    if not isinstance(app.builder, StandaloneHTMLBuilder) or app.builder.name != "html":
        return
    for old, new in sorted(app.config.roadshow_moved.items()):
        if old in app.env.found_docs:
            sys.exit(
                f"\nconf.py: roadshow_moved says that {old} has moved, and it is a page of this site; take it out of the table"
            )
        if new not in app.env.found_docs:
            sys.exit(f"\nconf.py: roadshow_moved leads {old} to {new}, which is no page of this site; name one that is")
        address = app.config.html_baseurl and urljoin(_folder(app), app.builder.get_target_uri(new))
        context = {"title": app.env.titles[new].astext(), "uri": app.builder.get_relative_uri(old, new), "address": address}
        yield old, context, "roadshow/moved.html"


def anchor_not_found(app: Sphinx, exception: Exception | None) -> None:
    """Make the links of `404.html` hold at any depth: from the root of the server down to the site. (`build-finished`.)"""
    file = Path(app.outdir, f"{NOT_FOUND}.html")
    if exception or app.builder.name != "html" or not file.exists():
        return
    root = urlsplit(_folder(app)).path or "/"
    text = file.read_text(encoding="utf-8")
    if has_policy(text):
        return  # of an earlier build
    page = BeautifulSoup(text, "html.parser")
    for name in ("href", "src", "action", "data-content_root"):
        for element in page.select(f"[{name}]"):
            address = str(element[name])
            if not urlsplit(address).scheme and address[:1] not in {"#", "/"}:
                element[name] = urljoin(root, address)
    file.write_text(str(page), encoding="utf-8")


def write_sitemap(app: Sphinx, exception: Exception | None) -> None:
    """List the pages for search engines, where conf.py knows the site's address. (`build-finished`.)

    Nothing of a visit is listed; and of a site that is built for one, a search engine is told to keep out.
    """
    sitemap, robots = Path(app.outdir, "sitemap.xml"), Path(app.outdir, "robots.txt")
    if exception or app.builder.name != "html":
        return
    for file in (sitemap, robots):
        file.unlink(missing_ok=True)
    if not app.config.html_baseurl:
        return
    if app.config.roadshow_visit != app.config.values["roadshow_visit"].default:
        robots.write_text("User-agent: *\nDisallow: /\n", encoding="utf-8")
        return
    pages = sorted(page for page in app.env.found_docs if not page.startswith("visit/") and "orphan" not in app.env.metadata[page])
    lines = [f"<url><loc>{escape(urljoin(_folder(app), app.builder.get_target_uri(page)))}</loc></url>" for page in pages]
    head = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    sitemap.write_text("\n".join([head, *lines, "</urlset>", ""]), encoding="utf-8")
    robots.write_text(f"User-agent: *\nAllow: /\nSitemap: {urljoin(_folder(app), sitemap.name)}\n", encoding="utf-8")


def _folder(app: Sphinx) -> str:
    """The site's address, as that of a folder."""
    return app.config.html_baseurl.rstrip("/") + "/"
