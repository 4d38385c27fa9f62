"""The letters as files: what is printed fits its page, says what the text says, and is in the type of the site."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from roadshow.letters import letters
from roadshow.stage import StageError
from roadshow.stage.letters import write_letters
from roadshow.visit_file import parse_visit, read_visit

ROOT = Path(__file__).parents[3]
THEME = ROOT / "assets" / "theme.css"
NEUTRAL = (ROOT / "visits" / "neutral.toml").read_text(encoding="utf-8")
PAPERS = ("poster", "executive-page", "recording-consent", "room-checklist")
A4 = (595, 842)


def filled(text: str):
    visit, faults = parse_visit(text, Path("made-up.toml"))
    assert faults == []
    return letters(visit, ROOT / "letters", ROOT / "talks")


def words(page) -> str:
    """The words of a page without the spaces: a line may break anywhere."""
    return re.sub(r"\s", "", page.extract_text())


def sizes(page) -> set[float]:
    """The sizes in points of all the text of a page."""
    found = set()

    def see(text, user, matrix, font, size):
        if text.strip():
            found.add(round(size * abs(matrix[0] * user[0]), 1))

    page.extract_text(visitor_text=see)
    return found


def edges(page) -> tuple[float, float]:
    """Where the leftmost and the lowest text of a page begin, in points."""
    places = []

    def see(text, user, matrix, font, size):
        if text.strip():
            places.append((user[0] * matrix[4] + user[4], user[3] * matrix[5] + user[5]))

    page.extract_text(visitor_text=see)
    return min(x for x, _ in places), min(y for _, y in places)


@pytest.fixture(scope="module")
def neutral(chromium, tmp_path_factory):
    folder, warned = tmp_path_factory.mktemp("sent") / "letters", []
    made = write_letters(filled(NEUTRAL), folder, chromium, THEME, warned.append)
    assert warned == []
    return folder, made


def test_every_letter_is_a_text_and_those_on_paper_a_pdf(neutral):
    folder, made = neutral
    of = filled(NEUTRAL)
    assert {path.name for path in made} == {f"{one.name}.txt" for one in of} | {f"{name}.pdf" for name in PAPERS}
    assert {path.name for path in folder.iterdir()} == {path.name for path in made}
    assert all((folder / f"{one.name}.txt").read_text(encoding="utf-8") == one.text for one in of)


@pytest.mark.parametrize("name", PAPERS)
def test_a_sheet_is_one_page_of_a4_in_the_type_of_the_site(neutral, name):
    [page] = PdfReader(neutral[0] / f"{name}.pdf").pages
    assert [float(length) for length in page.mediabox[2:]] == pytest.approx(A4, abs=1)
    fonts = [font.get_object()["/FontDescriptor"] for font in page["/Resources"]["/Font"].values()]
    assert {font["/FontFamily"] for font in fonts} == {"Atkinson Hyperlegible Next"}
    left, low = edges(page)
    assert left > 40
    # Printers leave five millimetres blank.
    assert low > 15


def test_a_sheet_says_what_its_text_says(neutral):
    for name in PAPERS:
        text = re.sub(r"^(#+|- \[ \]|-|\d\.) |\*\*", "", (neutral[0] / f"{name}.txt").read_text(encoding="utf-8"), flags=re.M)
        [page] = PdfReader(neutral[0] / f"{name}.pdf").pages
        printed = words(page)
        lines = [re.sub(r"\s", "", line) for line in text.splitlines() if line]
        assert [line for line in lines if line not in printed] == []


def test_the_poster_can_be_read_from_three_metres(neutral):
    [page] = PdfReader(neutral[0] / "poster.pdf").pages
    found = sizes(page)
    # Five minutes of arc at three metres are 4.4 mm; a small letter of this face is half as high as its size.
    assert min(found) * 0.3528 / 2 > 4.4
    assert max(found) > 50


def test_a_poster_with_too_much_on_it_is_smaller_and_still_one_page(chromium, tmp_path):
    long = NEUTRAL.replace("recorded = true", f'recorded = true\nroom = "{"Room" * 75}"').replace(
        '"The scientist"', f'"{"Ā" * 200}"'
    )
    write_letters(filled(long), tmp_path, chromium, THEME)
    [page] = PdfReader(tmp_path / "poster.pdf").pages
    assert "Room" * 75 in words(page)
    assert "Ā" * 200 in words(page)
    assert max(sizes(page)) < 50
    left, low = edges(page)
    assert left > 40
    assert low > 40
    # Broken over lines rather than run off the paper: no line has all of it.
    assert all(len(line) < 200 for line in page.extract_text().splitlines())


def test_letters_of_many_scripts_are_printed_and_those_without_a_font_are_named(chromium, tmp_path):
    warned = []
    names = NEUTRAL.replace('"The scientist"', '"Tūī Ōtepoti"').replace('"The maintainer"', '"O\'B <b>&amp; \U0010fffd"')
    write_letters(filled(names), tmp_path, chromium, THEME, warned.append)
    [page] = PdfReader(tmp_path / "poster.pdf").pages
    assert "TūīŌtepotiandO'B<b>&amp;" in words(page)
    assert [text.split(": ")[0] for text in warned] == [
        str(tmp_path / f"{name}.pdf") for name in ("poster", "executive-page", "room-checklist")
    ]
    assert {text.split(": ", 1)[1] for text in warned} == {
        "no font here has \U0010fffd; install one that has (Debian: fonts-noto-core, fonts-noto-cjk), and write the letters again"
    }


def test_forty_meetings_go_over_to_a_second_page(chromium, tmp_path):
    meeting = '\n[meetings.m{0}]\nstep = 4\ngroup = "Group {0}"\naudience = "hpc"\nstart = 2027-05-1{1}T08:00:00\nminutes = 30\n'
    forty = NEUTRAL + "".join(meeting.format(number, 1 + number % 2) for number in range(40))
    write_letters(filled(forty), tmp_path, chromium, THEME)
    pages = PdfReader(tmp_path / "room-checklist.pdf").pages
    assert len(pages) == 2
    assert "2/2" in words(pages[1])


def test_what_this_visit_leaves_out_does_not_stay_from_another(chromium, neutral, tmp_path):
    for path in neutral[1]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "notes.txt").write_text("mine")
    write_letters(filled(NEUTRAL[: NEUTRAL.index("[meetings.allies]")]), tmp_path, chromium, THEME)
    left = {path.name for path in tmp_path.iterdir()}
    texts = {f"{name}.txt" for name in ("to-the-allies", "executive-page", "thanks", "report-home", "look-back", "notes")}
    assert left == {*texts, "executive-page.pdf"}


def test_a_folder_that_cannot_be_made_and_a_theme_that_is_not_there_are_named(chromium, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StageError, match=r"taken/to-the-allies\.txt: cannot be written \(File exists\)"):
        write_letters(filled(NEUTRAL), tmp_path / "taken", chromium, THEME)
    with pytest.raises(StageError, match=r"no\.css: there is no such style sheet; run the command in the project's folder"):
        write_letters(filled(NEUTRAL), tmp_path, chromium, tmp_path / "no.css")


def run(*arguments, cwd=ROOT, **environment):
    roadshow = Path(sys.executable).with_name("roadshow")
    told = subprocess.run(
        [roadshow, "letters", *arguments], cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert "Traceback" not in told.stderr
    return told


def test_the_command_writes_them_and_says_what_it_leaves_out(tmp_path):
    visit = ROOT / "tests" / "visits" / "university-department.toml"
    told = run(str(visit), "--to", str(tmp_path / "sent"))
    assert told.returncode == 0, told.stderr
    *paths, it, consent = told.stdout.splitlines()
    assert sorted(paths) == sorted(str(path) for path in (tmp_path / "sent").iterdir())
    assert it == "left out: to-it. The visit has no meeting with IT (step 2)."
    assert consent == "left out: recording-consent. No meeting of the visit is recorded."
    name = read_visit(visit).institution.name
    assert name in (tmp_path / "sent" / "report-home.txt").read_text(encoding="utf-8")


def test_a_mistake_gets_one_message(tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(NEUTRAL.replace('city = "your city"', ""), encoding="utf-8")
    told = run(str(wrong), "--to", str(tmp_path / "sent"))
    assert (told.returncode, told.stderr.splitlines()) == (
        1,
        [f'roadshow: {wrong}:5: [institution] needs "city"; add a line such as city = "City"'],
    )
    told = run(str(ROOT / "visits" / "neutral.toml"), cwd=tmp_path)
    assert (told.returncode, told.stderr) == (
        1,
        "roadshow: letters: there are no letters in this folder; run the command in the project's folder\n",
    )
    told = run("--to", str(tmp_path / "sent"), CHROMIUM="/nowhere/chromium")
    assert told.returncode == 1
    assert told.stderr.startswith("roadshow: CHROMIUM=/nowhere/chromium: this does not start")
    assert not (tmp_path / "sent").exists()
