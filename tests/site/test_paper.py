"""A step of the visit is two sheets of A4, with every word of it, in black, in letters that can be read."""

import re
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

STEPS = [
    *("meet-the-allies", "talk-to-it", "the-broad-talk", "small-groups"),
    *("possible-maintainers", "technical-plans", "a-good-time"),
]
NOT_ON_PAPER = ".headerlink, .cell details, script, style, template, .copybtn"


def _sizes(reader):
    found = set()

    def visit(text, matrix, text_matrix, font, size):
        if text.strip():
            found.add(round(size * abs(matrix[3]) * abs(text_matrix[3]), 1))

    for sheet in reader.pages:
        sheet.extract_text(visitor_text=visit)
    return found


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_two_sheets_with_every_word(built, chromium, step):
    path = built / f"guide/{step}.html"
    page = chromium.new_page(bypass_csp=True, color_scheme="dark")
    page.goto(path.as_uri())
    page.wait_for_function("document.documentElement.dataset.theme === 'dark' && document.fonts.status === 'loaded'")
    reader = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] in ([595, 842], [594, 841], [596, 842])
    assert len(reader.pages) <= 2
    article = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select_one(".bd-article")
    for left_out in article.select(NOT_ON_PAPER):
        left_out.decompose()
    printed = re.sub(r"\s", "", "".join(sheet.extract_text() for sheet in reader.pages))
    assert [word for word in article.get_text(" ").split() if word not in printed] == []
    assert min(_sizes(reader)) >= 8
    page.emulate_media(media="print")
    colours = "all => [...new Set(all.map(each => getComputedStyle(each).color))]"
    assert page.locator(".bd-article :is(p, li, td, th, h1, h2, h3, code, pre, pre span)").evaluate_all(colours) == ["rgb(0, 0, 0)"]
    around = ".bd-sidebar, .bd-header-article, .prev-next-footer, .copybtn, .theme-switch-button"
    assert page.locator(f":is({around}):visible").count() == 0
    page.close()


def test_boxes_and_folds_are_on_paper(built, chromium):
    page = chromium.new_page(bypass_csp=True)
    page.goto((built / "guide/a-good-time.html").as_uri())
    page.emulate_media(media="print")
    boxes = page.locator(".task-list-item-checkbox").evaluate_all("all => all.map(box => box.getBoundingClientRect().width)")
    assert len(boxes) > 5
    assert min(boxes) > 9
    page.goto((built / "talks/segments/what-crosses-the-wire.html").as_uri())
    page.emulate_media(media="print")
    folded = page.locator("details:not([open]) pre")
    assert folded.count() > 0
    assert folded.evaluate_all("all => all.every(each => each.checkVisibility({contentVisibilityAuto: true}))")
    page.close()
