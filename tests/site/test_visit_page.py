"""The page of the visit and the reference of its file in a browser: on a phone, in the dark, on paper, for everybody."""

import re
from datetime import datetime
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from ical.calendar_stream import IcsCalendarStream

PAGES = ["visit/index", "guide/visit-file"]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}


@pytest.fixture
def shown(chromium, address):
    """A function that opens a page in a window of a size and in a colour scheme, all that is folded up unfolded."""
    pages = []

    def show(page, size, scheme="light"):
        opened = chromium.new_page(bypass_csp=True, viewport=size, color_scheme=scheme)
        pages.append(opened)
        opened.goto(f"{address}/{page}.html")
        opened.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        return opened

    yield show
    for opened in pages:
        opened.close()


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_wider_than_a_phone(shown, page):
    opened = shown(page, PHONE)
    assert opened.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert [box for box in (table.bounding_box() for table in opened.locator("table").all()) if box["x"] + box["width"] > 390] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_everybody_can_read_it(shown, page, scheme):
    opened = shown(page, DESK, scheme)
    found = Axe().run(opened, context=".bd-article").response["violations"]
    assert [(fault["id"], node["html"][:120]) for fault in found for node in fault["nodes"]] == []


def test_the_calendars_hold_what_the_timetable_shows(built, address):
    page = BeautifulSoup((built / "visit/index.html").read_text(encoding="utf-8"), "html.parser")
    told = [[datetime.fromisoformat(time["datetime"]) for time in row.select("time")] for row in page.select("[id^=day-] tbody tr")]
    link = page.select_one("ul.calendars a")["href"]
    with urlopen(f"{address}/visit/{link}") as answer:
        assert re.match("text/calendar", answer.headers["content-type"])
        [calendar] = IcsCalendarStream.from_ics(answer.read().decode()).calendars
    days, *meetings = sorted(calendar.events, key=lambda event: (isinstance(event.start, datetime), str(event.start)))
    assert [[event.start, event.end] for event in meetings] == told
    assert days.start == told[0][0].date()
