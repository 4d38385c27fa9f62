"""What a page shows where its address is passed on."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops

FONTS = [str(Path(__file__).parents[3] / f"assets/fonts/atkinson-hyperlegible-next-{weight}.ttf") for weight in (700, 400)]


@pytest.fixture
def published(project):
    more = f'html_baseurl = "https://example.org/play"\nroadshow_card_fonts = {FONTS}\n'
    project.write("conf.py", (project.root / "conf.py").read_text(encoding="utf-8") + more)
    return project


def tags(page):
    return {tag["property"]: tag["content"] for tag in page.select("meta[property^=og]")}


def test_a_page_says_what_it_is_and_shows_its_card(published):
    assert published.build("-j", "2").status == 0
    assert tags(published.html("talks/segments/alpha")) == {
        "og:title": "Alpha",
        "og:description": "For readers before the first slide.",
        "og:type": "website",
        "og:site_name": "Small",
        "og:url": "https://example.org/play/talks/segments/alpha.html",
        "og:image": "https://example.org/play/_cards/talks/segments/alpha.png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "Alpha. For readers before the first slide.",
    }
    cards = [
        Image.open(published.root / f"_build/html/_cards/talks/segments/{name}.png").convert("RGB") for name in ("alpha", "beta")
    ]
    assert [card.size for card in cards] == [(1200, 630)] * 2
    assert ImageChops.difference(*cards).getbbox()
    assert (
        published.html("talks/segments/alpha").select_one("meta[name=description]")["content"]
        == "For readers before the first slide."
    )


def test_slides_have_the_words_of_their_decks_page_and_an_address_of_their_own(published):
    published.change("talks/one.md", "# Deck one\n", '# Deck one\n\nFor `"you"` & <me>.\n')
    assert published.build().status == 0
    page, slides = tags(published.html("talks/one")), tags(published.html("talks/one-slides"))
    assert page["og:description"] == 'For "you" & <me>.'
    assert slides == page | {"og:url": "https://example.org/play/talks/one-slides.html"}


def test_each_language_names_the_same_page_in_all_of_them(published):
    config = published.root / "conf.py"
    config.write_text(config.read_text(encoding="utf-8") + 'html_context = {"languages": {"fr": "fr"}}\n', encoding="utf-8")
    assert published.build().status == 0
    for page in ("talks/segments/alpha", "talks/one-slides"):
        named = published.html(page).select("head link[rel=alternate][hreflang]")
        assert {link["hreflang"]: link["href"] for link in named} == {
            "en": f"https://example.org/play/{page}.html",
            "fr": f"https://example.org/play/fr/{page}.html",
        }


def test_what_is_no_document_has_the_front_page_s(published):
    assert published.build().status == 0
    found = tags(published.html("search"))
    assert (found["og:title"], found["og:image"]) == ("Small", "https://example.org/play/_cards/index.png")


def test_a_long_paragraph_is_cut_at_a_word(published):
    published.change("talks/segments/alpha.md", "For readers before the first slide.", "many words, " * 30)
    assert published.build().status == 0
    told = tags(published.html("talks/segments/alpha"))["og:description"]
    assert told == "many words, " * 16 + "many…"
    assert len(told) <= 200


def test_without_an_address_there_is_neither_address_nor_card(project):
    assert project.build().status == 0
    assert set(tags(project.html("talks/one"))) == {"og:title", "og:description", "og:type", "og:site_name"}
    assert not (project.root / "_build/html/_cards").exists()
