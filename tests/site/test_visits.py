"""The whole site for three made-up visits of very different kinds: built with warnings as errors, its decks walked in a browser."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from roadshow.stage.browser import opened
from roadshow.stage.built import find_all
from roadshow.visit_file import read_visit

ROOT = Path(__file__).parents[2]
VISITS = sorted((ROOT / "tests" / "visits").glob("*.toml"))
OVERFLOW = """() => {
  const slide = Reveal.getCurrentSlide(), inner = slide.querySelector('.slide');
  return [slide.id, slide.querySelector('h1, h2').textContent.trim(), inner.scrollHeight > inner.clientHeight + 1
    || inner.scrollWidth > inner.clientWidth + 1, Reveal.isLastSlide() || slide.id === 'end'];
}"""


@pytest.fixture(scope="module", params=VISITS, ids=lambda path: path.stem)
def site(request, tmp_path_factory):
    """The site of a visit, built with the outputs that the site's own build left; and what the build printed."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "_build" / ".jupyter_cache", folder / ".jupyter_cache")
    command = [sys.executable, "-m", "sphinx", "-W", "-N", str(ROOT), str(folder / "html")]
    environment = {**os.environ, "VISIT": str(request.param.relative_to(ROOT))}
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    yield read_visit(request.param), folder / "html", told.stdout
    shutil.rmtree(folder)


def test_only_cells_whose_data_or_cluster_changed_ran(site):
    visit, _, out = site
    assert ("running the cells" in out) is bool(visit.data)


def test_every_deck_is_walked_to_its_end_for_that_visit(site, chromium):
    visit, built, _ = site
    for deck in find_all(built).values():
        errors, requests = [], []

        def watch(page, errors=errors, requests=requests):
            page.on("console", lambda message: errors.append(message.text) if message.type in {"error", "warning"} else None)
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("dialog", lambda dialog: errors.append(f"a dialog: {dialog.message}"))
            page.on("request", lambda request: requests.append(request.url))

        with opened(chromium, deck.path, before=watch) as page:
            assert page.locator("#title .institution").inner_text() == visit.institution.name
            assert page.locator("#title .by span").all_inner_texts() == [visitor.name for visitor in visit.visitors.values()]
            seen = []
            for _ in range(200):
                name, title, overflows, last = page.evaluate(OVERFLOW)
                assert title
                assert not overflows, (deck.name, name)
                seen.append(name)
                if last:
                    break
                page.evaluate("Roadshow.flow.next ? Roadshow.flow.next() : Reveal.next()")
            assert seen[-1] == "end"
            assert len(set(seen)) > (4 if deck.name == "stand-up" else 10)
        assert errors == []
        assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def test_the_decks_fit_their_meetings(site):
    visit, built, _ = site
    shown = {}
    for meeting in visit.timetable:
        if meeting.deck:
            name = meeting.deck if meeting.deck not in shown else f"{meeting.deck}-for-{meeting.key}"
            shown[name] = meeting
    for name, meeting in shown.items():
        html = BeautifulSoup((built / "talks" / f"{name}-slides.html").read_text(encoding="utf-8"), "html.parser")
        slides = html.select(".slides > section:not([data-visibility])")
        slot = meeting.talk or meeting.minutes
        assert float(html.select_one(".reveal")["data-slot"]) == slot
        assert sum(int(slide.get("data-timing", 0)) for slide in slides) <= 60 * slot
        assert not {slide["data-segment"] for slide in slides if slide.get("data-segment")} & set(meeting.drop)


def test_nobody_is_shown_as_a_proof_to_themselves_and_the_nearest_come_first(site):
    visit, built, _ = site
    html = BeautifulSoup((built / "talks/segments/others-like-you.html").read_text(encoding="utf-8"), "html.parser")
    rows = [row.get_text(" ", strip=True) for row in html.select("table.adopters")[0].select("tbody tr")]
    assert rows
    assert not [row for row in rows if visit.institution.name in row]
    first = {"weather service": "Bureau of Meteorology", "space agency": "NASA", "university": "Universit"}
    assert first[visit.institution.kind] in " ".join(rows)


def test_text_of_a_visit_is_text_on_every_page(site):
    visit, built, _ = site
    for path in built.rglob("*.html"):
        html = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        assert not html.select("b, img[src=x], script:-soup-contains('alert(')"), path
        assert not html.select("a[href^='javascript:']"), path
        if "{{" in visit.institution.name:
            assert "Climate 49" not in html.get_text(), path
