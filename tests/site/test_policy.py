"""The pages run the scripts that came with them and no others, from a server and from a stick, in a real browser."""

import shutil
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from roadshow.stage.export import export

VIOLATIONS = """addEventListener("securitypolicyviolation", event => {
  (window.violations ??= []).push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
});"""


@pytest.fixture(scope="module")
def pages(built):
    return sorted(path.relative_to(built).as_posix() for path in built.rglob("*.html") if "_static" not in path.parts)


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    context.add_init_script(VIOLATIONS)
    page = context.new_page()
    page.errors = []
    page.on("console", lambda message: page.errors.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    context.close()


def violations(page):
    return page.evaluate("window.violations ?? []")


def rules(path):
    html = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    [meta] = html.select("meta[http-equiv=Content-Security-Policy]")
    assert html.head.find() is meta
    return dict(rule.split(" ", 1) for rule in meta["content"].split("; "))


def test_every_page_states_its_policy_first(built, pages):
    assert len(pages) > 30
    for name in pages:
        stated = rules(built / name)
        assert stated["default-src"] == "'none'"
        assert "unsafe" not in stated["script-src"]
        assert "http" not in " ".join(stated.values())
        assert stated["base-uri"] == "'none'"


@pytest.mark.parametrize("source", ["server", "stick"])
def test_no_page_breaks_its_policy(built, pages, page, address, source):
    # What a server shows for an address that leads nowhere has links from the root of the server; a stick has none.
    for name in (name for name in pages if source == "server" or name != "404.html"):
        page.goto(f"{address}/{name}" if source == "server" else f"{(built / name).as_uri()}", wait_until="load")
        if 'http-equiv="refresh"' in (built / name).read_text(encoding="utf-8"):
            page.wait_for_url(lambda url, name=name: not url.endswith(name))
        if name.endswith("-slides.html"):
            page.wait_for_selector(".reveal.ready")
        assert violations(page) == [], name
        assert page.errors == [], name


INJECTED = '<script>window.injected = true</script><img src="x" onerror="window.injected = true">'


@pytest.mark.parametrize(("name", "place"), [("index.html", "</article>"), ("talks/it-first-slides.html", "</main>")])
def test_a_script_in_the_content_does_not_run(built, page, tmp_path, name, place):
    copy = shutil.copytree(built, tmp_path / "site", ignore=shutil.ignore_patterns(".doctrees"))
    text = (copy / name).read_text(encoding="utf-8")
    (copy / name).write_text(text.replace(place, INJECTED + place), encoding="utf-8")
    page.goto((copy / name).as_uri())
    page.wait_for_timeout(300)
    assert page.evaluate("window.injected") is None
    assert {violation.split(":")[0] for violation in violations(page)} >= {"script-src-elem", "script-src-attr"}
    # Without the policy both would run.
    html = BeautifulSoup((copy / name).read_text(encoding="utf-8"), "html.parser")
    html.select_one("meta[http-equiv=Content-Security-Policy]").decompose()
    (copy / name).write_text(str(html), encoding="utf-8")
    page.goto((copy / name).as_uri())
    page.wait_for_timeout(300)
    assert page.evaluate("window.injected")


@pytest.mark.parametrize("source", ["server", "stick", "one file"])
def test_the_speaker_view_works_under_the_policy(deck, chromium, page, address, built, tmp_path, source):
    if source == "one file":
        [path] = [path for path in export(deck, tmp_path, chromium) if path.suffix == ".html"]
        assert "unsafe" not in rules(path)["script-src"]
        page.goto(path.as_uri())
    else:
        page.goto(deck.path.as_uri() if source == "stick" else f"{address}/{deck.path.relative_to(built).as_posix()}")
    page.wait_for_selector(".reveal.ready")
    with page.context.expect_page() as opened:
        page.keyboard.press("s")
    view = opened.value
    view.wait_for_selector(".roadshow-panel tr", timeout=20000)
    for frame in ("#current-slide iframe", "#upcoming-slide iframe"):
        view.frame_locator(frame).locator(".reveal.ready").wait_for(timeout=20000)
    assert violations(page) == violations(view) == []
    assert page.errors == []


def test_what_readers_use_works_under_the_policy(page, address):
    page.goto(f"{address}/talks/segments/two-futures.html")
    page.locator(".copybtn").first.evaluate("button => button.click()")
    before = page.evaluate("document.documentElement.dataset.theme")
    page.locator("button.theme-switch-button:visible").first.click()
    page.locator("button.theme-switch-button:visible").first.click()
    assert page.evaluate("document.documentElement.dataset.theme") != before or page.evaluate(
        "document.documentElement.dataset.mode"
    )
    page.goto(f"{address}/search.html?q=spill")
    page.wait_for_selector("#search-results li a")
    assert "spill" in unquote(page.url)
    assert violations(page) == []
    assert page.errors == []
