"""What drift is, on stored outputs made by hand."""

import json
import tomllib
from dataclasses import asdict
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from packaging.requirements import Requirement
from packaging.version import Version

from roadshow.cli import app
from roadshow.drift import find_drift, stated, warnings
from roadshow.ledger import CellRun, LedgerError, Record

PAGE = "# Two futures\n\nWords.\n\n## The warmer one\n\n```{code-cell} python\nprint()\n```\n"


def picture(words):
    return new_output("display_data", {"image/png": "iVBOR", "text/plain": words})


def printed(text):
    return new_output("stream", text=text)


def table(*rows):
    cells = "".join(f"<tr><td>{name}</td><td><strong>{value}</strong></td></tr>" for name, value in rows)
    return new_output(
        "execute_result", {"text/html": f'<table class="dataframe"><tbody>{cells}</tbody></table>', "text/plain": "<HTML>"}
    )


def store(folder, output, metadata=None, packages=None):
    """The stored outputs of a build of one page with one cell."""
    notebook = new_notebook(cells=[new_code_cell("print()", outputs=[output], metadata=metadata or {})])
    (folder / "executed/key").mkdir(parents=True)
    nbformat.write(notebook, folder / "executed/key/base.ipynb")
    run = CellRun(1, 8, 0.1, None)
    record = Record("talks/two", "", "", "key", "", *[packages or {"xarray": "2026.9.0"}] * 2, {}, {}, "", "", 0.0, [run])
    (folder / "records").mkdir()
    (folder / "records/talks.two.json").write_text(json.dumps(asdict(record)))
    return folder


@pytest.fixture
def compare(tmp_path):
    (tmp_path / "talks").mkdir()
    (tmp_path / "talks/two.md").write_text(PAGE)

    def compared(was, now, metadata=None):
        before = store(tmp_path / "before", was, metadata)
        return find_drift(before, store(tmp_path / "after", now, packages={"xarray": "2025.1.0"}), tmp_path)

    return compared


@pytest.mark.parametrize(
    ("was", "now", "tolerance"),
    [
        ("mean 4.3 K", "mean 4.5 K", "0.1"),
        ("1,234 tasks", "1,235 tasks", "0"),
        ("mean −4.3 K", "mean 4.3 K", "0.1"),
        ("0.012 and 3", "0.012 and 5", "0"),
        ("13 members", "12 members", "0"),
        ("1.20e-03 m", "1.22e-03 m", "1e-05"),
    ],
)
def test_a_figure_that_moved_by_more_than_its_last_digit_has_drifted(compare, was, now, tolerance):
    [drift] = compare(printed(was), printed(now))
    assert (drift.page, drift.line, drift.slide, drift.claim) == ("talks/two", 8, "The warmer one", was)
    assert drift.tolerance == tolerance
    assert drift.packages == "xarray 2026.9.0 → 2025.1.0"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("mean 4.3 K", "mean 4.4 K"),
        ("mean 4.3 K", "mean 4.2 K"),
        ("0.1 + 0.2 = 0.3", "0.2 + 0.2 = 0.3"),
        ("Dask 2026.8.0: 12", "Dask 2025.1.1: 12"),
        ("no figure", "no figure"),
    ],
)
def test_a_figure_within_one_unit_of_its_last_digit_has_not(compare, was, now):
    assert compare(printed(was), printed(now)) == []


def test_a_claim_in_other_words_has_drifted(compare):
    [drift] = compare(picture("NumPy: 3 times as fast"), picture("Dask: 3 times as fast"))
    assert (drift.was, drift.now) == ("NumPy: 3 times as fast", "Dask: 3 times as fast")


def test_a_line_more_does_not_move_the_others(compare):
    [drift] = compare(printed("a 1\nb 2\nc 3"), printed("new 9\na 1\nb 2\nc 3"))
    assert (drift.claim, drift.now) == ("nothing", "new 9")


def test_warnings_are_named_with_their_pages(tmp_path):
    text = "/x/y.py:3: FutureWarning: it will change\n  x = y(\n"
    assert warnings(store(tmp_path / "one", new_output("stream", name="stderr", text=text))) == {
        "FutureWarning: it will change": {"talks/two"}
    }


def test_the_oldest_supported_are_the_lower_bounds_of_the_project():
    root = Path(__file__).parents[2]
    stated = [Requirement(text) for text in tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]]
    bounds = {each.name: next((bound.version for bound in each.specifier if bound.operator == ">="), None) for each in stated}
    oldest = [Requirement(line) for line in (root / "constraints/oldest.txt").read_text().splitlines() if line[0] != "#"]
    assert len(oldest) >= 7
    for each in oldest:
        [pinned] = each.specifier
        assert Version(bounds[each.name]) == Version(pinned.version), each.name


def test_a_claim_that_is_gone_has_drifted(compare):
    [drift] = compare(printed("a 1\nb 2"), printed("a 1"))
    assert (drift.claim, drift.now) == ("b 2", "")


def test_tables_and_the_words_of_figures_are_compared(compare, tmp_path):
    [drift] = compare(table(("year of 2 K", "2043"), ("cells", "7,008")), table(("year of 2 K", "2051"), ("cells", "7,008")))
    assert (drift.claim, drift.was, drift.now) == ("year of 2 K 2043", "2043", "2051")


def test_a_cell_states_a_tolerance_of_its_own(compare):
    assert compare(printed("about 100"), printed("about 104"), {"tolerance": 0.05}) == []


def test_and_it_is_heeded(compare):
    [drift] = compare(printed("about 100"), printed("about 106"), {"tolerance": 0.05})
    assert drift.tolerance == "5"


def test_a_cell_that_measures_is_left_out(compare):
    assert compare(printed("7 s"), printed("70 s"), {"tags": ["measured"]}) == []


def test_the_repr_of_an_array_states_nothing():
    cell = new_code_cell(
        "x", outputs=[new_output("execute_result", {"text/html": "<div class='xr-wrap'>8 bytes</div>", "text/plain": "8"})]
    )
    assert stated(cell) == []


def test_a_warning_states_nothing(compare):
    warned = new_output("stream", name="stderr", text="FutureWarning: in 2 years")
    assert compare(warned, new_output("stream", name="stderr", text="")) == []


def test_a_page_that_did_not_run_has_drifted(compare, tmp_path):
    before = store(tmp_path / "one", printed("1"))
    after = store(tmp_path / "other", printed("1"))
    path = after / "records/talks.two.json"
    path.write_text(path.read_text().replace("talks/two", "talks/three"))
    [drift] = find_drift(before, after, tmp_path)
    assert (drift.claim, drift.now) == ("the page", "did not run")


def test_no_outputs_is_one_message(tmp_path):
    with pytest.raises(LedgerError, match="no cell has run yet; build first: make site"):
        find_drift(tmp_path, tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("now", "status", "said"),
    [("mean 4.3 K", 0, "None of 1 figures on the slides has drifted."), ("mean 9 K", 1, "talks/two.md:8: slide 'The warmer one'")],
)
def test_the_command_says_slide_claim_and_package(tmp_path, monkeypatch, capsys, now, status, said):
    (tmp_path / "talks").mkdir()
    (tmp_path / "talks/two.md").write_text(PAGE)
    monkeypatch.chdir(tmp_path)
    before, after = (
        store(tmp_path / "before", printed("mean 4.3 K")),
        store(tmp_path / "after", printed(now), packages={"xarray": "1"}),
    )
    with pytest.raises(SystemExit) as end:
        app(["drift", str(after), "--store", str(before)])
    assert end.value.code == status
    printed_text = capsys.readouterr().out
    assert said in printed_text
    assert ("xarray 2026.9.0 → 1" in printed_text) is bool(status)
