"""A page loads what it shows: one file of styles, one of scripts, and pictures whose place is kept for them."""

from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from PIL import Image

PAGES = ["index", "guide/talk-to-it", "guide/questions", "talks/segments/a-seasonal-ensemble", "talks/segments/watching-it"]


@pytest.fixture(params=PAGES)
def page(request, built):
    path = built / f"{request.param}.html"
    return path, BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def _file(path, address):
    return path.parent / unquote(urlsplit(address).path)


def test_styles_and_scripts_are_one_file_each_and_there(page):
    path, html = page
    for kind, name in (("link[rel=stylesheet]", "href"), ("script[src]", "src")):
        (one,) = html.select(kind)
        assert _file(path, one[name]).exists()
    assert html.select_one("script[src]").has_attr("defer")


def test_what_a_file_of_styles_names_is_there(page, built):
    path, html = page
    styles = _file(path, html.select_one("link[rel=stylesheet]")["href"])
    text = styles.read_text(encoding="utf-8")
    named = {part.split(")")[0].strip("\"'") for part in text.split("url(")[1:]}
    files = {urlsplit(name).path for name in named if not name.startswith(("data:", "#")) and name}
    assert any(name.endswith(".woff2") for name in files)
    assert [name for name in files if not (styles.parent / name).exists()] == []


def test_pictures_have_the_size_of_their_files(page):
    path, html = page
    pictures = [
        image for image in html.select("article img") if not image["src"].startswith("data:") and not image["src"].endswith(".svg")
    ]
    for picture in pictures:
        with Image.open(_file(path, picture["src"])) as image:
            ratio = image.width / image.height
        assert int(picture["width"]) / int(picture["height"]) == pytest.approx(ratio, rel=0.02), picture["src"]


def test_the_icons_of_a_page_are_drawn(built, chromium):
    view = chromium.new_page(bypass_csp=True)
    asked = []
    view.on("request", lambda request: asked.append(request.url))
    view.goto((built / "guide/talk-to-it.html").as_uri())
    view.wait_for_load_state("networkidle")
    assert [url for url in asked if "/fa-" in url] == [], "their font"
    shown = view.locator(".theme-switch-button .fa-lg:visible, .search-button .fa-lg:visible").first
    assert shown.evaluate("icon => getComputedStyle(icon, '::before').maskImage") != "none"
    view.close()
