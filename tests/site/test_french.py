"""The site in French: what is promised is translated, the rest is English, and the slides still fit."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
FRENCH = ROOT / "locales/fr/LC_MESSAGES"
DECKS = ["it-first", "science-first"]
STEPS = ["meet-the-allies", "talk-to-it", "the-broad-talk", "small-groups"]
STEPS += ["possible-maintainers", "technical-plans", "a-good-time"]
ROADSHOW = str(Path(sys.executable).with_name("roadshow"))
CATALOGUES = sorted(FRENCH.rglob("*.po"))


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A folder beside whose builds are the outputs that the site's own build left."""
    folder = tmp_path_factory.mktemp("french")
    shutil.copytree(ROOT / "_build/.jupyter_cache", folder / ".jupyter_cache")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def french(stored):
    environment = {**os.environ, "SITE_LANGUAGE": "fr", "LANGUAGES": "en=../html"}
    command = [sys.executable, "-m", "sphinx", "-W", "-N", "-q", "-j", "2", str(ROOT), str(stored / "fr")]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return stored / "fr"


def _page(folder, name):
    return BeautifulSoup((folder / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def _messages(path):
    with path.open("rb") as file:
        return [message for message in read_po(file, abort_invalid=True) if message.id]


def test_the_front_page_the_steps_and_both_decks_are_translated_in_full(built):
    segments = {slide["data-segment"] for deck in DECKS for slide in _page(built, f"talks/{deck}-slides").select("[data-segment]")}
    wanted = ["index", *(f"guide/{step}" for step in STEPS), *(f"talks/{deck}" for deck in DECKS)]
    wanted += ["roadshow", "tables", "outputs", "figures", *(f"talks/segments/{segment}" for segment in segments)]
    for name in wanted:
        missing = [message.id for message in _messages(FRENCH / f"{name}.po") if not message.string or message.fuzzy]
        assert missing == [], name


@pytest.mark.parametrize("name", ["index", "guide/talk-to-it", "talks/segments/what-dask-is"])
def test_a_page_is_french_in_the_place_of_its_english(french, built, name):
    here, there = _page(french, name), _page(built, name)
    assert here.html["lang"] == "fr"
    titles, originals = ([heading.get_text() for heading in page.select("article :is(h1, h2)")] for page in (here, there))
    assert len(titles) == len(originals)
    assert set(titles) & set(originals) <= {"The Visit Playbook#"}, "its name stays"
    other = here.select_one("a.other-language")
    assert (other["href"].endswith(f"../html/{name}.html"), other["hreflang"], other.text) == (True, "en", "English")
    assert (built / f"{name}.html").exists()
    assert not there.select("a.other-language"), "an English site alone leads nowhere"


def test_folded_code_and_what_is_printed_are_french(french, built):
    folds, originals = (
        {fold.text.strip() for fold in _page(folder, "guide/a-good-time").select(".admonition-title.collapsed")}
        for folder in (french, built)
    )
    assert (folds, originals) == ({"Montrer le code"}, {"Show the code"})
    printed = "\n".join(stream.text for stream in _page(french, "talks/it-first-slides").select(".output.stream pre"))
    assert "les mêmes bits\N{NO-BREAK SPACE}: True" in printed
    assert "the same" not in printed


def test_notes_and_what_was_measured_are_labelled_on_pages_in_their_language_and_not_on_slides(french, built):
    name = "talks/segments/what-dask-is"
    labels = [{label.text for label in _page(folder, name).select("aside.notes > p:first-child")} for folder in (french, built)]
    assert labels == [{"Ce qui est dit"}, {"What is said"}]
    under = [
        {output.select("p")[-1].text for output in _page(folder, name).select(".tag_measured .cell_output")}
        for folder in (french, built)
    ]
    assert under == [{"Mesuré à la construction de cette page."}, {"Measured when this page was built."}]
    assert not [label for deck in DECKS for label in _page(built, f"talks/{deck}-slides").select(".reader-label")]


@pytest.mark.parametrize("deck", DECKS)
def test_slides_have_the_addresses_of_the_english_and_french_words(french, built, deck):
    here, there = (_page(folder, f"talks/{deck}-slides").select(".slides > section") for folder in (french, built))
    assert [slide["id"] for slide in here] == [slide["id"] for slide in there]
    for slide, original in zip(here, there, strict=True):
        title, before = (one.select_one("h1, h2").get_text(strip=True) for one in (slide, original))
        assert title != before or slide["id"] == "end", "Questions is a word of both"
        notes, said = ([p.get_text() for p in one.select("aside.notes > p")] for one in (slide, original))
        assert not set(notes) & set(said), title


@pytest.mark.parametrize("deck", DECKS)
def test_the_heads_of_the_tables_that_cells_show_are_french(french, built, deck):
    known = {message.id: message.string for message in _messages(FRENCH / "outputs.po")}
    here, there = (_page(folder, f"talks/{deck}-slides").select(".cell_output table.dataframe th") for folder in (french, built))
    pairs = [[re.sub(r"\d(?:[\d.,]*\d)?", "{}", head.get_text()) for head in pair] for pair in zip(here, there, strict=True)]
    pairs = [(head, original) for head, original in pairs if re.search("[a-z]{2}", original)]
    assert pairs
    assert [(head, original) for head, original in pairs if head != known.get(" ".join(original.split()))] == []


@pytest.mark.parametrize("deck", DECKS)
def test_figures_are_french_and_as_wide_as_the_english(french, built, deck):
    name = f"talks/{deck}-slides"
    pairs = list(zip(*(_page(folder, name).select(".slides img[src$='.png']") for folder in (french, built)), strict=True))
    assert len(pairs) > 10
    for here, there in pairs:
        assert here["alt"] != there["alt"]
        assert here["src"] != there["src"], there["alt"]
        widths = [plt.imread(folder / "talks" / image["src"]).shape[1] for folder, image in ((french, here), (built, there))]
        # Matplotlib makes a picture wider for a text that does not fit, and the slide makes it smaller.
        assert widths[0] < 1.02 * widths[1], there["alt"]


@pytest.mark.parametrize("deck", DECKS)
def test_a_rehearsal_in_french_finds_no_fault(french, tmp_path, deck):
    command = [ROADSHOW, "rehearse", deck, "--site", str(french), "--to", str(tmp_path)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
    assert "no fault" in told.stdout


def test_what_nobody_translated_is_english_and_counted(french):
    assert _page(french, "guide/presenting").h1.get_text() == _page(ROOT / "_build/html", "guide/presenting").h1.get_text()
    rows = {
        row.td.get_text(strip=True): row.find_all("td")[1].get_text(strip=True)
        for row in _page(french, "guide/translating").select("table.translations tbody tr")
    }
    expected = {}
    for path in CATALOGUES:
        messages = _messages(path)
        done = sum(bool(message.string and not message.fuzzy) for message in messages)
        expected[path.relative_to(FRENCH).with_suffix("").as_posix()] = f"{done} of {len(messages)}"
    assert rows == expected


def test_each_catalogue_has_the_texts_that_its_page_has_now(stored, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "sphinx", "-q", "-N", "-b", "gettext", "-j", "2", str(ROOT), str(stored / "gettext")]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    copy = tmp_path / "project"
    for name in ("evidence", "talks", "visits", "locales"):
        shutil.copytree(ROOT / name, copy / name)
    command = [ROADSHOW, "catalogues", "--templates", str(stored / "gettext")]
    subprocess.run(command, cwd=copy, env=environment, check=True, capture_output=True)
    for path in CATALOGUES:
        if path.stem in {"outputs", "figures"}:
            continue  # what a cell measures may differ from run to run
        now = copy / path.relative_to(ROOT)
        assert now.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), f"{path.name} is behind: make catalogues"
