"""The built site as servers and readers of addresses have it: any depth, pages that moved, scripts, and pages that are large."""

import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from roadshow.cells import read_cells
from roadshow.sphinx.weight import LIMIT, weight
from tests.site.conftest import BUILT, ROOT

PAGES = sorted(path for path in BUILT.rglob("*.html") if "_static" not in path.parts)
SEGMENTS = [path for path in sorted(ROOT.glob("talks/segments/*.md")) if read_cells(path.read_text(encoding="utf-8"))]


def parsed(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


class _Pages(SimpleHTTPRequestHandler):
    """Serves `404.html` where there is nothing, as GitHub Pages and Read the Docs do."""

    def log_message(self, format, *args):
        pass

    def send_error(self, code, message=None, explain=None):
        body = (BUILT / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def pages(built):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, directory=str(built)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize("address", ["none.html", "a/b/c/none.html"])
def test_an_address_that_leads_nowhere_gets_the_page_with_search_and_ways_on(pages, chromium, address):
    page = chromium.new_page()
    failed = []
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    page.goto(f"{pages}/{address}")
    page.wait_for_load_state("networkidle")
    assert failed == [f"{pages}/{address}"]
    assert "Atkinson" in page.locator("article h1").evaluate("heading => getComputedStyle(heading).fontFamily")
    ways = [link.evaluate("link => link.href") for link in page.locator("article li a").all()]
    assert [way.removeprefix(f"{pages}/") for way in ways] == [
        "visit/index.html#the-letters",
        "talks/it-first.html",
        "guide/questions.html",
        "guide/for-the-next-institution.html",
    ]
    page.locator(".find-page input").fill("spill")
    page.locator(".find-page button").click()
    page.wait_for_selector("#search-results li a")
    assert page.url == f"{pages}/search.html?q=spill"
    page.close()


def test_a_page_that_moved_leads_on_from_a_stick(built, chromium):
    page = chromium.new_page()
    page.goto((built / "talks/segments/one-pass-over-a-file.html").as_uri())
    page.wait_for_url("**/what-closed-the-gap.html")
    assert page.locator("article h1").inner_text().startswith("What closed the gap")
    page.close()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(BUILT)))
def test_every_page_says_what_it_is(path):
    page = parsed(path)
    if page.select("meta[http-equiv=refresh]"):
        return
    told = {tag["property"]: tag["content"] for tag in page.select("meta[property^=og]")}
    assert {"og:title", "og:description", "og:type"} <= set(told)
    assert all(told.values())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(BUILT)))
def test_a_page_that_is_large_says_why(path):
    """Slides too: they have no foot to say it in, so they stay below the limit."""
    text = path.read_text(encoding="utf-8")
    said = [found.text for found in BeautifulSoup(text, "html.parser").select("article .weight")]
    assert len(said) == (1 if weight(text) - sum(map(len, said)) > LIMIT else 0)


def test_the_report_of_a_cluster_is_what_makes_its_page_large(built):
    [said] = parsed(built / "talks/segments/watching-it.html").select("article .weight")
    assert "MB of that is the file performance-report.html" in said.text


@pytest.mark.parametrize("source", SEGMENTS, ids=lambda path: path.stem)
def test_the_script_and_the_notebook_of_every_segment_are_whole_and_its_page_leads_to_them(built, source):
    script, notebook = (built / "talks/segments" / f"{source.stem}.{kind}" for kind in ("py", "ipynb"))
    compile(script.read_text(encoding="utf-8"), script, "exec")
    nbformat.validate(nbformat.read(notebook, as_version=4))
    said = {line.a["href"]: line for line in parsed(script.with_suffix(".html")).select(".take-away")}
    assert said.keys() == {script.name, notebook.name}
    assert said[script.name].select("code")[-1].text == f".venv/bin/python {script.name}"


def _words(text):
    return " ".join(text.split())


def _shown(built, name):
    """What the page shows of each cell, save what was measured: the lines that it prints, and the rows of its tables."""
    cells = parsed(built / f"talks/segments/{name}.html").select("div:not(.tag_measured) > .cell_output")
    printed = [_words(line) for cell in cells for output in cell.select(".stream pre") for line in output.text.splitlines()]
    return printed + [_words(row.text) for cell in cells for row in cell.select("table.dataframe tr")]


def _given(output):
    if output.output_type == "stream":
        return output.text.splitlines()
    return [row.text for row in BeautifulSoup(output.get("data", {}).get("text/html", ""), "html.parser").select("tr")]


@pytest.mark.parametrize("name", ["a-labelled-array", "a-worker-dies"])
def test_a_notebook_runs_in_a_folder_with_the_projects_modules(name, built, tmp_path):
    """The first shows tables; the second prints, and a cell of it starts processes that import the modules too."""
    for entry in ("assets", "data", "evidence", "examples"):
        (tmp_path / entry).symlink_to(ROOT / entry)
    made = Path(shutil.copy(built / f"talks/segments/{name}.ipynb", tmp_path))
    subprocess.run([sys.executable, "-m", "jupyter", "execute", "--inplace", made], cwd=tmp_path, check=True, capture_output=True)
    ran = [cell for cell in nbformat.read(made, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in ran] == list(range(1, len(ran) + 1))
    given = [_words(line) for cell in ran for output in cell.outputs for line in _given(output)]
    shown = _shown(built, name)
    assert len(shown) > 3
    assert [line for line in shown if line not in given] == []


@pytest.mark.parametrize(("name", "least"), [("a-labelled-array", 10), ("what-dask-is", 2)])
def test_a_script_gives_what_the_page_shows(name, least, built, tmp_path):
    for entry in ("assets", "data", "evidence", "examples"):
        (tmp_path / entry).symlink_to(ROOT / entry)
    script = Path(shutil.copy(built / f"talks/segments/{name}.py", tmp_path))
    told = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    lines = [_words(line) for line in told.splitlines()]
    shown = _shown(built, name)
    assert len(shown) >= least
    assert [line for line in shown if line not in lines] == []
