"""The report that Dask wrote comes with the page, opens offline, and shows the run."""

import sys
import tempfile

from bs4 import BeautifulSoup


def test_the_report_opens_without_a_network(built, chromium, tmp_path):
    context = chromium.new_context(offline=True)
    try:
        page = context.new_page()
        page.goto((built / "talks/segments/watching-it.html").as_uri())
        with page.expect_download() as download:
            page.click("a[download]")
        assert download.value.suggested_filename == "performance-report.html"
        report = tmp_path / "report.html"
        download.value.save_as(report)
        asked, errors = [], []
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(report.as_uri())
        page.get_by_text("Task Stream", exact=True).click()
        page.wait_for_selector("canvas")
        assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
        assert errors == []
    finally:
        context.close()
    text = report.read_text(encoding="utf-8")
    assert "arange-var" in text, "the report does not hold the tasks of the run"
    assert [
        place for place in (sys.prefix, sys.base_prefix, tempfile.gettempdir() + "/", "tcp://127.0.0.1:") if place in text
    ] == []


def test_the_report_is_in_no_deck(built):
    for path in built.glob("talks/*-slides.html"):
        assert not BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select("a[download^=performance]"), path.name
