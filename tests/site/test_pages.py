"""The built site as files: every cell ran, every link inside leads somewhere, nothing asks for another address."""

import json
import re
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from bs4 import BeautifulSoup
from myst_nb.core.read import is_myst_markdown_notebook

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "_build" / "html"
SOURCES = [*sorted(path for folder in ("guide", "talks") for path in (ROOT / folder).rglob("*.md")), ROOT / "index.md"]
STEPS = [
    "meet-the-allies",
    "talk-to-it",
    "the-broad-talk",
    "small-groups",
    "possible-maintainers",
    "technical-plans",
    "a-good-time",
]


def page_of(source: Path) -> Path:
    return BUILT / source.relative_to(ROOT).with_suffix(".html")


def parsed(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


ALL = sorted(path for path in BUILT.rglob("*.html") if "_static" not in path.parts)


def test_every_source_has_its_page(built):
    assert [source for source in SOURCES if not page_of(source).exists()] == []
    assert len(list(ROOT.glob("talks/segments/*.md"))) >= 13
    assert [step for step in STEPS if not (BUILT / "guide" / f"{step}.html").exists()] == []


@pytest.mark.parametrize(
    "source", [path for path in SOURCES if is_myst_markdown_notebook(path.read_text(encoding="utf-8"))], ids=lambda path: path.stem
)
def test_every_cell_ran(built, source):
    cells = source.read_text(encoding="utf-8").count("```{code-cell}")
    cache = ROOT / "_build/.jupyter_cache"
    name = ".".join(source.relative_to(ROOT).with_suffix("").parts)
    record = json.loads((cache / "records" / f"{name}.json").read_text(encoding="utf-8"))
    code = json.loads((cache / "executed" / record["cells"] / "base.ipynb").read_text(encoding="utf-8"))["cells"]
    assert [cell["execution_count"] for cell in code] == list(range(1, cells + 1))
    wanted = [cell for cell in code if "raises-exception" not in cell["metadata"].get("tags", [])]
    assert [output["ename"] for cell in wanted for output in cell["outputs"] if output["output_type"] == "error"] == []
    assert [output["text"] for cell in wanted for output in cell["outputs"] if output.get("name") == "stderr"] == []
    # What a figure says stands beside it, for who compares two builds and for who translates.
    shown = [output["data"] for cell in code for output in cell["outputs"] if "data" in output]
    assert [data for data in shown if "image/png" in data and data["text/plain"][0].startswith("<Figure")] == []


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(BUILT)))
def test_every_link_inside_leads_somewhere(path):
    page = parsed(path)
    broken = []
    for tag, name in [("a", "href"), ("link", "href"), ("img", "src"), ("script", "src"), ("source", "src"), ("iframe", "src")]:
        for element in page.find_all(tag, attrs={name: True}):
            url, fragment = urldefrag(element[name])
            parts = urlsplit(url)
            if parts.scheme in {"http", "https", "mailto", "data"}:
                continue
            # The page that a server shows at any depth has links from the root of the server.
            folder = BUILT if parts.path.startswith("/") and path.name == "404.html" else path.parent
            target = (folder / unquote(parts.path).lstrip("/" if folder == BUILT else "")).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                broken.append(element[name])
            elif fragment and target.suffix == ".html" and target.name not in {"search.html", "genindex.html"}:
                inside = page if target == path else parsed(target)
                if not inside.find(id=unquote(fragment).removeprefix("/")):
                    broken.append(element[name])
    assert broken == []


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(BUILT)))
def test_nothing_is_loaded_from_elsewhere(path):
    page = parsed(path)
    loaded = [element["src"] for element in page.find_all(["script", "img", "iframe", "source", "video"], src=True)]
    loaded += [element["href"] for element in page.find_all("link", href=True) if "canonical" not in element.get("rel", [])]
    loaded += re.findall(r"url\(\"?(https?://[^)\"]+)", path.read_text(encoding="utf-8"))
    assert [url for url in loaded if urlsplit(url).scheme in {"http", "https"} or url.startswith("//")] == []


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(BUILT)))
def test_every_picture_says_what_it_shows(path):
    main = parsed(path).find("main") or parsed(path)
    pictures = main.find_all("img")
    assert [picture.get("src") for picture in pictures if not picture.get("alt") or "jupyter_execute" in picture["alt"]] == []


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(BUILT)))
def test_no_page_shows_where_it_was_built(path):
    text = path.read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert "Traceback (most recent call last)" not in text or "raises-exception" in text
