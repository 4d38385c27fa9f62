"""From nothing to the site of a new institution in one file; and none of it in the site that is published."""

import html
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
ROADSHOW = str(Path(sys.executable).with_name("roadshow"))
ANSWERS = [
    "A made-up service",
    "",
    "",
    "Country",
    "Asia",
    "City",
    "Asia/Seoul",
    "2027-06-01",
    "3",
    "A Maintainer",
    "",
    "An Ally",
    "",
]


@pytest.fixture
def checkout(tmp_path):
    """A clone of the project with what is not yet committed in it, and the outputs of the cells that this one built."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(tmp_path / "clone")], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / "clone" / name)
    (tmp_path / "clone" / ".venv").symlink_to(Path(sys.prefix))
    (tmp_path / "clone" / ".git" / "info" / "exclude").write_text(".venv\n", encoding="utf-8")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x"]
    subprocess.run([*git, "add", "-A"], cwd=tmp_path / "clone", check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], cwd=tmp_path / "clone", check=True)
    shutil.copytree(ROOT / "_build" / ".jupyter_cache", tmp_path / "clone" / "_build" / ".jupyter_cache")
    yield tmp_path / "clone"
    shutil.rmtree(tmp_path / "clone")


def build(folder, **environment):
    return subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "-N", ".", "_build/html"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def texts(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def test_a_new_institution_is_one_new_file_and_no_cell(checkout):
    subprocess.run(
        [ROADSHOW, "new", "next"], cwd=checkout, input="\n".join(ANSWERS) + "\n", text=True, capture_output=True, check=True
    )
    told = build(checkout, VISIT="visits/next.toml")
    assert told.returncode == 0, told.stderr
    assert "running the cells" not in told.stdout
    status = subprocess.run(["git", "status", "--short"], cwd=checkout, capture_output=True, text=True, check=True).stdout
    assert status == "?? visits/next.toml\n"
    title = BeautifulSoup((checkout / "_build/html/talks/it-first-slides.html").read_text(encoding="utf-8"), "html.parser").find(
        id="title"
    )
    assert title.select_one(".institution").text == "A made-up service"
    assert title.select_one(".date").text == "1 June 2027"
    page = (checkout / "_build/html/visit/index.html").read_text(encoding="utf-8")
    assert "A made-up service" in BeautifulSoup(page, "html.parser").h1.text


def test_a_public_build_after_a_private_one_has_no_text_of_the_visit(checkout):
    visit = "tests/visits/university-department.toml"
    assert build(checkout, VISIT=visit).returncode == 0
    built = checkout / "_build/html"
    data = tomllib.loads((ROOT / visit).read_text(encoding="utf-8"))
    mine = {text for key in ("institution", "visitors", "hosts", "rules") for text in texts(data[key]) if len(text) > 15}
    mine |= {text for meeting in data["meetings"].values() for text in [meeting.get("room", "")] if text}
    mine -= {"Uses it on data like yours; shows what it is worth.", "South America", "America/Santiago"}
    carried = {text for path in built.rglob("*.html") for text in mine if text in html.unescape(path.read_text(encoding="utf-8"))}
    assert len(carried) > 4, "the build for the visit should show it"
    told = build(checkout, VISIT=visit, PUBLIC="1")
    assert told.returncode == 0, told.stderr
    found = {
        (path.name, text)
        for path in built.rglob("*")
        if path.is_file()
        for text in mine
        if text in html.unescape(path.read_bytes().decode("utf-8", "replace"))
    }
    assert found == set()
    assert (built / "visit/index.html").exists()
    assert not list(built.rglob("university-department*"))
