"""A segment that requires a program shows, where the program is not, what it gave when it last ran beside it, and says so."""

import json
from datetime import UTC, datetime

import pytest

from roadshow.cli import app
from roadshow.ledger import read_ledger

FRONT = 'minutes: 5\nbrief: 2\nrequires: {bulletin: "-V"}\n'


@pytest.fixture
def beside(project, tmp_path, monkeypatch):
    """A project whose segment prints what a program says, which is there or not; the program can fail."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    program = folder / "bulletin"
    project.program = program
    project.install = lambda says="fine": (
        program.write_text(f'#!/bin/sh\n[ "$1" = -V ] && echo "bulletin 3.1" && exit\n{says}\n'),
        program.chmod(0o755),
    )
    project.change("talks/segments/alpha.md", "minutes: 5\nbrief: 2\n", FRONT)
    project.change(
        "talks/segments/alpha.md", 'print("<b>ran</b>")', 'import subprocess\nprint(subprocess.check_output("bulletin", text=True))'
    )
    return project


def recorded(project, monkeypatch):
    """Build where the program is, record, and take the program away."""
    project.install("echo gale warning")
    assert project.build().status == 0
    monkeypatch.chdir(project.root)
    with pytest.raises(SystemExit) as ended:
        app(["record"])
    assert ended.value.code == 0
    project.program.unlink()
    return project


def shown(project):
    """The outputs and the labels on the slide, and those on the page."""
    return [
        ([tag.text.strip() for tag in html.select(".output pre")], [tag.text for tag in html.select(".recorded")])
        for html in (project.html("talks/one-slides"), project.html("talks/segments/alpha"))
    ]


def test_where_the_program_is_the_cells_run_and_nothing_is_labelled(beside):
    beside.install("echo gale warning")
    assert beside.build().status == 0
    for outputs, labels in shown(beside):
        assert "gale warning" in outputs
        assert labels == []
    (record,) = read_ledger(beside.root / "_build/.jupyter_cache")
    assert record.programs == {"bulletin": "3.1"}
    assert not record.recorded


def test_where_it_is_not_the_recording_is_shown_and_labelled(beside, monkeypatch):
    ran = recorded(beside, monkeypatch).runs()
    result = beside.build()
    assert result.status == 0, result.err
    assert "there is no bulletin here" in result.out
    assert beside.runs() == ran
    today = f"{datetime.now(UTC):%d %B %Y}".lstrip("0")
    for outputs, labels in shown(beside):
        assert "gale warning" in outputs
        assert set(labels) == {f"Recorded on {today} with bulletin 3.1"}
        assert len(labels) == 2, "one on each slide with outputs"
    assert f"alpha: Recorded on {today} with bulletin 3.1" in beside.html("talks/one").select_one(".cells-ran").text


def test_what_was_measured_is_labelled_where_it_ran_and_not_where_it_was_recorded(beside, monkeypatch):
    beside.change("talks/segments/alpha.md", "tags: [hide-input]", "tags: [hide-input, measured]")
    beside.install("echo gale warning")
    assert beside.build().status == 0

    def labels():
        return [
            [tag.text for tag in beside.html(page).select(".reader-label")] for page in ("talks/segments/alpha", "talks/one-slides")
        ]

    ran = "Measured when this page was built."
    here, slides = labels()
    assert here.count(ran) == 1
    assert slides == []
    recorded(beside, monkeypatch)
    assert beside.build().status == 0
    assert [label for label in here if label != ran] == labels()[0], "what is left is over notes"


def test_when_the_program_comes_the_cells_run_again(beside, monkeypatch):
    recorded(beside, monkeypatch)
    assert beside.build().status == 0
    beside.install("echo calm")
    assert beside.build().status == 0
    for outputs, labels in shown(beside):
        assert "calm" in outputs
        assert labels == []


def test_a_recording_of_other_cells_is_not_shown(beside, monkeypatch):
    recorded(beside, monkeypatch)
    beside.change("talks/segments/alpha.md", "import subprocess", "import subprocess  # changed")
    result = beside.build()
    assert result.status == 1
    assert "talks/segments/alpha.md: there is no bulletin here, and talks/recorded/alpha.json is of other cells" in result.err
    assert "Traceback" not in result.err


def test_without_a_recording_the_message_says_what_to_do(beside):
    result = beside.build()
    assert result.status == 1
    assert "there is no bulletin here, and nothing is recorded of it. To mend it, install bulletin" in result.err


def test_a_service_that_fails_is_a_warning_and_the_recording_is_shown(beside, monkeypatch):
    recorded(beside, monkeypatch)
    beside.install("exit 3")
    result = beside.build()
    assert result.status == 1
    assert "talks/segments/alpha.md:40: cell 2 of 'alpha' raised CalledProcessError" in result.err
    assert "The pages show what was recorded when it last ran." in result.err
    for outputs, labels in shown(beside):
        assert "gale warning" in outputs
        assert len(labels) == 2


def test_a_claim_that_is_no_longer_so_stops_the_build(beside, monkeypatch):
    beside.change(
        "talks/segments/alpha.md", "text=True))", "text=True))\nassert subprocess.check_output('bulletin') == b'gale warning\\n'"
    )
    recorded(beside, monkeypatch)
    beside.install("echo calm")
    result = beside.build()
    assert result.status == 1
    assert "raised AssertionError" in result.err
    assert "recorded" not in result.err


def test_a_service_that_speaks_of_an_assertion_has_failed_all_the_same(beside, monkeypatch):
    beside.change(
        "talks/segments/alpha.md",
        "text=True))",
        "text=True))\nif b'calm' in subprocess.check_output('bulletin'):\n    raise OSError('its log: it raised AssertionError')",
    )
    recorded(beside, monkeypatch)
    beside.install("echo calm")
    assert beside.build().status == 1
    for outputs, labels in shown(beside):
        assert "gale warning" in outputs
        assert len(labels) == 2


def test_a_damaged_recording_is_one_message(beside, monkeypatch):
    recorded(beside, monkeypatch)
    path = beside.root / "talks/recorded/alpha.json"
    for text in json.dumps({"outputs": []}), "{":
        path.write_text(text)
        result = beside.build()
        assert result.status == 1
        assert "there is no bulletin here, and alpha.json is not a recording of this version" in result.err


def test_nothing_to_record_is_one_message(project, monkeypatch):
    assert project.build().status == 0
    monkeypatch.chdir(project.root)
    with pytest.raises(SystemExit) as ended:
        app(["record"])
    assert "no page that requires a program has run here" in str(ended.value.code)
