"""The public build: whatever stands in a visit, nothing of it stands in a file that is published."""

import html
import re
import shutil
import tomllib
from pathlib import Path
from urllib.parse import quote

import pytest

from roadshow.visit import Visit

KINDS = {"kind", "region", "timezone", "audience", "deck", "first", "visitors", "hosts", "drop", "account", "start", "end"}


def marked() -> tuple[str, dict[str, str]]:
    """A visit with a marker of its own in every field that takes free text, and the markers by field."""
    markers: dict[str, str] = {}

    def mark(field: str) -> str:
        markers[field] = f"Marker {len(markers):03} quux"
        return markers[field]

    more = {
        "institution": [
            'kind = "weather service"',
            'region = "Asia"',
            'timezone = "Asia/Tokyo"',
            f'aliases = ["{mark("aliases")}"]',
            f'pains = ["{mark("pains")}"]',
        ],
        "visit": ["start = 2027-05-11", "end = 2027-05-11", f'languages = ["{mark("languages")}"]'],
        "meetings.it": [
            "step = 2",
            'audience = "it"',
            "start = 2027-05-11T09:00:00",
            "minutes = 9",
            'hosts = ["ally"]',
            'deck = "one"',
            f'call = "https://example.org/{mark("call").replace(" ", "-")}"',
        ],
        "data.thing": [f'path = "{mark("path")}"'],
    }
    lines = []
    for table, names in {
        "institution": ("name", "short_name", "country", "city"),
        "visit": ("shown",),
        "visitors.maintainer": ("name", "line", "contact"),
        "visitors.scientist": ("name", "line", "contact"),
        "hosts.ally": ("name", "group", "hopes", "contact"),
        "meetings.it": ("group", "room", "remarks"),
        "data.thing": ("variable", "source"),
        "cluster": ("address",),
        "cluster.options": ("queue", "anything"),
        "cluster.config": ("some.key",),
    }.items():
        lines += [f"[{table}]", *(f'"{name}" = "{mark(f"{table}.{name}")}"' for name in names), *more.get(table, [])]
    lines += ["[data.other]", f'url = "https://{mark("url").replace(" ", "-")}.example.org/x"', 'source = "x"']
    lines += ["[rules]", f'others = ["{mark("others")}"]']
    markers["url"] = markers["url"].replace(" ", "-")
    return "\n".join(lines) + "\n", markers


@pytest.fixture
def secret(project):
    text, markers = marked()
    project.write("visits/secret.toml", text)
    return markers


def build(project, public="1"):
    """A build for the visit, which is trusted where it is not public: a public one need not be."""
    trusted = int(public == "0")
    said = ("roadshow_visit=visits/secret.toml", f"roadshow_public={public}", f"roadshow_trusted={trusted}")
    return project.build(*(part for one in said for part in ("-D", one)))


def carrying(project, markers):
    """Each file of the build with the fields whose marker it carries, in whatever spelling."""
    pattern = re.compile(
        "|".join(f"({re.escape(form)})" for text in markers.values() for form in (text, quote(text), text.replace(" ", "-")))
    )
    root = project.root / "_build/html"
    return {
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and pattern.search(html.unescape(path.read_bytes().decode("utf-8", "replace")))
    }


def test_the_markers_are_in_every_field_of_free_text_that_a_visit_has():
    text, _ = marked()
    visit = Visit.model_validate(tomllib.loads(text))
    dumped = visit.model_dump()
    for table in ("institution", "visit", "rules", "cluster"):
        assert {
            name for name, value in dumped[table].items() if isinstance(value, str | list | dict) and "quux" not in str(value)
        } <= KINDS
    for table in ("visitors", "hosts", "meetings", "data"):
        kept = {name for entry in dumped[table].values() for name in entry}
        filled = {name for entry in dumped[table].values() for name, value in entry.items() if "quux" in str(value)}
        assert kept - filled <= KINDS | {"step", "minutes", "recorded", "talk", "synthetic"}, table


def test_a_build_for_a_visit_shows_it_and_a_public_one_has_nothing_of_it(project, secret):
    assert build(project, public="0").status == 0
    assert "talks/one-slides.html" in carrying(project, secret)
    assert build(project).status == 0
    assert (project.root / "_build/html/talks/one-slides.html").exists()
    assert carrying(project, secret) == set()
    assert project.runs() == ["alpha"]


def test_what_an_earlier_build_left_is_gone(project, secret):
    assert build(project, public="0").status == 0
    left = project.root / "_build/html/_images/left.png"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"pixels of somebody's data")
    assert build(project).status == 0
    assert not left.exists()


@pytest.mark.parametrize("field", ["hosts.ally.name", "path", "pains", "cluster.options.queue"])
def test_a_private_text_on_a_page_ends_the_build_and_nothing_is_kept(project, secret, field):
    project.change("talks/segments/beta.md", "one point", f"one point, as {secret[field]} says")
    result = build(project)
    assert result.status == 1
    assert "talks/segments/beta.html: holds what visits/secret.toml says at" in result.err
    assert "Traceback" not in result.err
    assert secret[field] not in result.err
    assert not (project.root / "_build/html/index.html").exists()
    project.change("talks/segments/beta.md", f"one point, as {secret[field]} says", "one point")
    assert build(project).status == 0


def test_a_visit_that_is_not_asked_for_counts_too(project, secret):
    project.change("talks/segments/beta.md", "one point", f"one point `{secret['hosts.ally.name']}`")
    assert project.build("-D", "roadshow_public=1").status == 1
    project.change("visits/secret.toml", "[visit]\n", '[visit]\naccount = "https://example.org/account"\n')
    assert project.build("-D", "roadshow_public=1").status == 0


def test_private_notes_stay_out_of_a_public_build_and_only_of_that(project):
    project.change("talks/segments/beta.md", "- one point", ":::{notes}\n:private:\n\nA word for us two.\n:::\n\n- one point")
    assert project.build().status == 0
    assert "A word for us two." in project.html("talks/one-slides").find(id="beta-a-claim").text
    assert project.build("-D", "roadshow_public=1").status == 0
    assert carrying(project, {"notes": "A word for us two."}) == set()


def test_a_visit_file_that_cannot_be_read_ends_a_public_build(project):
    project.write("visits/broken.toml", "[institution")
    result = project.build("-D", "roadshow_public=1")
    assert result.status == 1
    assert "visits/broken.toml:1: not valid TOML" in result.err


def test_a_folder_that_sphinx_did_not_write_is_not_emptied(project):
    mine = project.root / "_build/html/mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")
    shutil.rmtree(mine.parent / ".doctrees", ignore_errors=True)
    project.build("-D", "roadshow_public=1")
    assert Path(mine).exists()
