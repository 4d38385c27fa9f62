"""What a server has beside the pages: where a page moved, a page for no address, a sitemap."""

import xml.etree.ElementTree as ET

import pytest

CONF = """
html_baseurl = "https://example.org/play"
roadshow_moved = {"talks/segments/gamma": "talks/segments/beta"}
"""
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture
def served(project):
    project.write("conf.py", (project.root / "conf.py").read_text(encoding="utf-8") + CONF)
    project.write(
        "404.md",
        "---\norphan: true\n---\n# Nothing\n\n[Alpha](talks/segments/alpha.md), [here](#nothing), [out](https://example.org/x)\n",
    )
    return project


def links(page):
    return {name: [element[name] for element in page.select(f"[{name}]")] for name in ("href", "src", "action")}


def test_a_page_that_moved_leads_on_with_a_link_and_without_a_script(served):
    assert served.build().status == 0
    page = served.html("talks/segments/gamma")
    assert page.select_one("meta[http-equiv=refresh]")["content"] == "0; url=beta.html"
    assert page.select_one("main a")["href"] == "beta.html"
    assert page.select_one("link[rel=canonical]")["href"] == "https://example.org/play/talks/segments/beta.html"
    assert page.select("script") == []


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('{"old": "talks/segments/delta"}', "leads old to talks/segments/delta, which is no page of this site; name one that is"),
        ('{"talks/one": "index"}', "says that talks/one has moved, and it is a page of this site; take it out of the table"),
    ],
)
def test_a_table_of_moved_pages_that_cannot_be_is_an_error(served, table, told):
    served.change("conf.py", '{"talks/segments/gamma": "talks/segments/beta"}', table)
    result = served.build()
    assert result.status == 1
    assert f"conf.py: roadshow_moved {told}" in result.err


@pytest.mark.parametrize(("address", "root"), [("https://example.org/play", "/play/"), ("https://example.org", "/"), ("", "/")])
def test_the_links_of_the_page_for_no_address_hold_at_any_depth(served, address, root):
    served.change("conf.py", "https://example.org/play", address)
    assert served.build().status == 0
    found = links(served.html("404"))
    assert f"{root}talks/segments/alpha.html" in found["href"]
    assert {"#nothing", "https://example.org/x"} <= set(found["href"])
    every = [link for name in found for link in found[name]]
    assert [link for link in every if not link.startswith((root, "#", "https://"))] == []
    assert served.html("404").html["data-content_root"] == root


def test_the_sitemap_lists_what_is_public(served):
    served.write("visit/index.md", "---\norphan: true\n---\n# The visit\n")
    assert served.build().status == 0
    found = [element.text for element in ET.parse(served.root / "_build/html/sitemap.xml").iterfind("s:url/s:loc", NAMES)]
    assert found == [
        f"https://example.org/play/{page}.html" for page in ("index", "talks/one", "talks/segments/alpha", "talks/segments/beta")
    ]
    assert (
        served.root / "_build/html/robots.txt"
    ).read_text() == "User-agent: *\nAllow: /\nSitemap: https://example.org/play/sitemap.xml\n"


def test_a_site_that_is_built_for_a_visit_keeps_search_engines_out(served):
    served.write("visits/ours.toml", (served.root / "visits/neutral.toml").read_text(encoding="utf-8"))
    assert served.build().status == 0
    assert served.build("-D", "roadshow_visit=visits/ours.toml").status == 0
    assert not (served.root / "_build/html/sitemap.xml").exists()
    assert (served.root / "_build/html/robots.txt").read_text() == "User-agent: *\nDisallow: /\n"


def test_without_an_address_there_is_neither(served):
    served.change("conf.py", "https://example.org/play", "")
    assert served.build().status == 0
    assert [(served.root / "_build/html" / name).exists() for name in ("sitemap.xml", "robots.txt")] == [False, False]
