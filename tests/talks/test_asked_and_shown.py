"""Every question that can be shown is shown by a segment whose cells run, and the cells of the appendices notice what is broken."""

import csv
import re
from pathlib import Path

import pytest

from roadshow.cells import read_cells
from roadshow.evidence import question_files

ROOT = Path(__file__).parents[2]
SEGMENTS = ROOT / "talks" / "segments"
APPENDICES = ("asked-and-shown", "asked-of-packages", "asked-by-analysts", "asked-and-timed")


def rows():
    for path in question_files(ROOT / "evidence").values():
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def runs(name):
    """Whether a segment is there and has cells."""
    path = SEGMENTS / f"{name}.md"
    return path.is_file() and bool(read_cells(path.read_text(encoding="utf-8")))


def unshown(table):
    """The ids of the questions that can be shown, and that no segment with cells shows."""
    return [row["id"] for row in table if row["demonstrable"] == "yes" and not runs(row["segment"])]


def test_every_question_says_whether_it_can_be_shown():
    table = list(rows())
    assert [row["id"] for row in table if row["demonstrable"] not in ("yes", "no")] == []
    counts = {
        prefix: sum(row["demonstrable"] == "yes" for row in table if row["id"].startswith(prefix)) for prefix in ("it", "sc", "ex")
    }
    assert counts == {"it": 38, "sc": 15, "ex": 3}


def test_every_question_that_can_be_shown_is_shown_by_a_segment_that_runs_cells():
    assert unshown(rows()) == []


@pytest.mark.parametrize("segment", ["", "no-such-segment", "who-we-are"])
def test_a_question_without_such_a_segment_is_found(segment):
    assert unshown([{"id": "it99", "demonstrable": "yes", "segment": segment}]) == ["it99"]
    assert unshown([{"id": "it99", "demonstrable": "no", "segment": segment}]) == []


def test_each_slide_of_an_appendix_says_which_questions_it_answers_and_they_name_it():
    known = {row["id"]: row for row in rows()}
    for name in APPENDICES:
        slides = (SEGMENTS / f"{name}.md").read_text(encoding="utf-8").split("\n## ")[1:]
        said = [re.search(r"^Questions? ((?:(?:it|sc|ex)\d\d(?:, | and )?)+)", slide, re.MULTILINE) for slide in slides]
        assert all(said), name
        ids = {question for found in said for question in re.findall(r"[a-z]{2}\d\d", found[1])}
        assert ids <= known.keys()
        assert {row["id"] for row in known.values() if row["segment"] == name} <= ids


BROKEN = [
    ("asked-and-shown", "DASK_CONFIG=user)", "DASK_CONFIG=site)", '["None", "/local/scratch", "/somewhere/else"]'),
    ("asked-and-shown", '"--worker-port", "9500:9519",', "", "sorted_out(given) == (1, 1, 1)"),
    (
        "asked-and-shown",
        '"distributed.comm.tls.min-version": 1.3',
        '"distributed.comm.tls.min-version": 1.2',
        "for said in rows.values()]",
    ),
    ("asked-and-shown", 'packages=["xarray"]', "packages=[]", "len(seen) == 1"),
    ("asked-and-shown", "overtaken(10)", "overtaken(0)", "urgent < 15"),
    ("asked-and-shown", "Client(his) as bob", "Client(hers) as bob", "bob_sees == {}"),
    ("asked-and-shown", "adapt(minimum=0", "adapt(minimum=1", "assert gone"),
    ("asked-of-packages", "use_new_combine_kwarg_defaults=True", "use_new_combine_kwarg_defaults=False", "tomorrow is None"),
    ("asked-by-analysts", 'differing("f4")', 'differing("f8")', "single[0] > 0"),
    (
        "asked-by-analysts",
        "held((field - mean).max())",
        'held((field - field.mean("time")).max())',
        "max(mean_held, in_steps) < 0.5 * size",
    ),
    ("asked-by-analysts", "set_options(keep_attrs=False)", "set_options(keep_attrs=True)", '"units" not in formerly.attrs'),
    ("asked-by-analysts", "mask_and_scale=False) as raw", "mask_and_scale=True) as raw", "np.float64, np.int32, np.int32"),
    ("asked-by-analysts", "chunks=month, shards=whole", "chunks=month", "[54 + 2, 5 + 2, 1 + 2]"),
    (
        "asked-by-analysts",
        "ThreadPoolExecutor(8) as threads:\n    list(",
        "ThreadPoolExecutor(1) as threads:\n    list(",
        "any(crashes)",
    ),
    ("asked-and-timed", "write(7, files[7], shift=0.5)", "write(7, files[7])", "assert found"),
]


@pytest.mark.parametrize(("segment", "old", "new", "fails"), BROKEN)
def test_without_what_it_shows_a_slide_of_an_appendix_is_red(red, segment, old, new, fails):
    """Its slide alone, since each stands by itself: with what comes before the first, and the cell that tidies up."""
    whole = (SEGMENTS / f"{segment}.md").read_text(encoding="utf-8")
    head, *slides = whole.split("\n## ")
    (slide,) = (slide for slide in slides if old in slide)
    last = "" if slide is slides[-1] else slides[-1][slides[-1].rindex("```{code-cell}") :]
    red(segment, old, new, fails, text="\n## ".join([head, slide]) + last)
