"""A reader finds things: from the landing page in three clicks, and on the page of questions by words."""

from urllib.parse import urldefrag, urlencode, urljoin

import pytest
from bs4 import BeautifulSoup

SOUGHT = {
    "the letter to the allies": "visit/index.html#letter-to-the-allies",
    "the talk for IT": "talks/it-first-slides.html",
    "whether Dask is secure": "guide/questions.html#it01",
    "how to adapt it to another institution": "guide/for-the-next-institution.html",
}


def _clicks(built, sought):
    """The links of the article, one after the other, by which a reader gets from the landing page to what is sought."""
    paths = {"index.html": ()}
    level = list(paths)
    for _ in range(3):
        following = []
        for name in level:
            article = BeautifulSoup((built / name).read_text(encoding="utf-8"), "html.parser").select_one(".bd-article")
            links = [urljoin(name, link["href"]) for link in article.select("a[href]") if "://" not in link["href"]]
            if sought in links:
                return [*paths[name], sought]
            for link in dict.fromkeys(urldefrag(link)[0] for link in links):
                if link not in paths and link.endswith(".html") and not link.endswith("-slides.html"):
                    paths[link] = (*paths[name], link)
                    following.append(link)
        level = following
    return None


@pytest.mark.parametrize("what", SOUGHT)
def test_three_clicks_from_the_landing_page(built, what):
    path = _clicks(built, SOUGHT[what])
    assert path is not None
    assert len(path) <= 3
    name, fragment = urldefrag(SOUGHT[what])
    page = BeautifulSoup((built / name).read_text(encoding="utf-8"), "html.parser")
    assert not fragment or page.find(id=fragment)


@pytest.fixture
def questions(watched, address):
    page, errors, _ = watched
    page.goto(urljoin(f"{address}/", "guide/questions.html"))
    yield page
    assert errors == []


def _shown(page):
    return page.locator("section.question:visible").evaluate_all("all => all.map(question => question.id)")


def test_words_narrow_the_questions_and_a_link_brings_its_own_back(questions):
    everything = _shown(questions)
    assert len(everything) == questions.locator("section.question").count() > 100
    questions.get_by_label("Words").fill("is dask SECURE")
    assert "it01" in _shown(questions)
    assert len(_shown(questions)) < 10
    assert questions.get_by_role("status").inner_text() == f"{len(_shown(questions))} of {len(everything)} questions"
    assert questions.locator("h2:visible").count() < questions.locator("h2").count()
    questions.evaluate("location.hash = '#ex01'")
    questions.wait_for_function("document.querySelector('#ex01').checkVisibility()")
    assert _shown(questions) == everything


def test_a_subject_shows_its_questions_only(questions):
    questions.get_by_label("Subject").select_option("it-security")
    assert _shown(questions)
    assert questions.locator("section.group:visible").evaluate_all("all => all.map(group => group.id)") == ["it-security"]
    questions.get_by_label("Words").fill("no such words anywhere")
    assert _shown(questions) == []
    assert questions.get_by_role("status").inner_text().startswith("0 of ")


@pytest.mark.parametrize(
    ("words", "found"),
    {
        "A small ensemble scores worse than it is": (
            "talks/segments/was-the-forecast-good.html#a-small-ensemble-scores-worse-than-it-is-unless-the-score-is-fair"
        ),
        "strangers knock scheduler": "talks/segments/what-crosses-the-wire.html",
        "Is pickle a risk, and where is it used": "guide/questions.html#it13",
    }.items(),
)
def test_the_search_finds_a_slide_what_is_said_and_a_question(watched, address, words, found):
    page, errors, _ = watched
    page.goto(f"{address}/search.html?{urlencode({'q': words})}")
    links = page.locator("#search-results li a")
    links.first.wait_for()
    page.wait_for_timeout(1000)
    there = links.evaluate_all("all => all.map(link => link.getAttribute('href').replace(/[?][^#]*/, ''))")
    assert found in there[:3]
    links.nth(there.index(found)).click()
    page.wait_for_url(f"**/{found.partition('#')[0]}*")
    if fragment := found.partition("#")[2]:
        page.wait_for_function("id => Math.abs(document.getElementById(id).getBoundingClientRect().top) < 300", arg=fragment)
    assert [error for error in errors if "[PST]" not in error] == []


WORDS = ["chunk", "scheduler", "spill", "object-store", "queue", "ensemble", "anomaly", "hindcast"]


def test_words_of_the_other_side_are_explained_and_linked_from_the_pages(built):
    glossary = BeautifulSoup((built / "guide/glossary.html").read_text(encoding="utf-8"), "html.parser")
    pages = (*built.glob("guide/**/*.html"), *built.glob("talks/segments/*.html"))
    linked = {
        link["href"].rpartition("#")[2]
        for path in pages
        for link in BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select("a[href*='glossary.html#term-']")
    }
    for word in WORDS:
        assert glossary.select_one(f"dl.glossary dt#term-{word}")
        assert f"term-{word}" in linked
