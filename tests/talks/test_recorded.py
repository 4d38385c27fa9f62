"""What is recorded belongs to the cells as they are; where the programs are, as in CI, every page shows what ran."""

from pathlib import Path

from roadshow.ledger import read_ledger
from roadshow.recording import Recording

ROOT = Path(__file__).parents[2]


def with_systems():
    return {
        record.name.rsplit("/", 1)[-1]: record
        for record in read_ledger(ROOT / "_build/.jupyter_cache")
        if record.programs is not None
    }


def test_each_page_that_requires_a_system_has_a_recording_of_its_cells():
    assert len(with_systems()) >= 5
    assert {path.stem for path in (ROOT / "talks/recorded").iterdir()} == set(with_systems())
    for name, record in with_systems().items():
        recording = Recording.read(ROOT / f"talks/recorded/{name}.json")
        assert recording.sources == record.sources, f"{name} has changed: roadshow record"
        assert set(recording.programs) == set(record.programs)
        assert any(output for output in recording.outputs), name


def test_nothing_is_shown_that_did_not_run_here():
    assert [name for name, record in with_systems().items() if record.recorded] == []


def test_a_recording_says_nothing_of_the_machine_but_its_kind():
    for path in (ROOT / "talks/recorded").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not any(place in text for place in ("/root/", "/home/", str(ROOT))), path.name
