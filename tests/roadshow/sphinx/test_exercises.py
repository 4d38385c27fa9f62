"""An exercise in a build: the room's minutes, the solution on its slide and folded on the page, the notebook beside it."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest

EXERCISE = """
    ---
    file_format: mystnb
    kernelspec: {name: python3, display_name: Python 3}
    minutes: 9
    brief: 2
    ---
    # Alpha

    For readers.

    ## Your turn

    :::{slide}
    :work: 7
    :::

    ```{code-cell} python
    half = ...
    ```

    ```{code-cell} python
    :tags: [raises-exception]
    raise ValueError("the blank is still there")
    ```

    ## One solution

    ```{code-cell} python
    :tags: [hide-input, solution]
    half = 4 / 2
    print("two of four")
    ```
    """


@pytest.fixture
def exercise(project):
    project.write("talks/segments/alpha.md", EXERCISE)
    project.change("talks/one.md", ":slot: 10", ":slot: 12")
    project.change("talks/segments/beta.md", ", see [the first](alpha.md)", "")
    return project


def slides(project):
    return {section["id"]: section for section in project.html("talks/one-slides").select("section[data-segment=alpha]")}


def test_the_rooms_minutes_are_the_slides_own_and_the_others_share_the_rest(exercise):
    assert exercise.build().status == 0
    found = slides(exercise)
    assert {name: (slide["data-timing"], slide["data-brief-timing"], slide.get("data-work")) for name, slide in found.items()} == {
        "alpha-your-turn": ("480", "60", "420"),
        "alpha-one-solution": ("60", "60", None),
    }
    assert found["alpha-your-turn"].select_one("header .work").text == "Your turn: 7 minutes"
    rows = [row.text.split() for row in exercise.html("talks/one").select(".running-order tr")[-3:]]
    assert rows == [["Spoken", "3"], ["At", "work", "7"], ["Left", "for", "questions", "2"]]


def test_told_in_brief_it_is_shown_and_not_done(exercise):
    exercise.change("talks/one.md", "alpha full", "alpha brief")
    assert exercise.build().status == 0
    assert [(slide["data-timing"], slide.get("data-work")) for slide in slides(exercise).values()] == [("60", None)] * 2
    assert exercise.html("talks/one-slides").select("header .work") == []
    assert "At work" not in exercise.html("talks/one").text


def test_the_slide_of_the_task_shows_the_failing_check_and_not_the_solution(exercise):
    assert exercise.build().status == 0
    found = slides(exercise)
    assert "the blank is still there" in found["alpha-your-turn"].text
    assert "4 / 2" not in found["alpha-your-turn"].text
    assert "half = 4 / 2" in found["alpha-one-solution"].text
    assert "two of four" in found["alpha-one-solution"].text
    assert found["alpha-one-solution"].select("details") == []


def test_the_page_folds_the_solution_and_leads_to_a_notebook_without_it(exercise):
    assert exercise.build().status == 0
    page = exercise.html("talks/segments/alpha")
    [folded] = page.select("details")
    assert "half = 4 / 2" in folded.text
    link, _ = page.select(".take-away a")
    made = nbformat.read(exercise.root / "_build/html/talks/segments" / link["href"], as_version=4)
    assert [cell.source for cell in made.cells if cell.cell_type == "code"][1:] == [
        "half = ...",
        'raise ValueError("the blank is still there")',
    ]
    assert not list((exercise.root / "_build/html").rglob("beta.ipynb"))
    assert exercise.html("talks/segments/beta").select(".take-away") == []


def test_the_page_of_a_segment_names_the_command_that_runs_its_script(project):
    assert project.build().status == 0
    said, also = project.html("talks/segments/alpha").select(".take-away")
    assert also.a["href"] == "alpha.ipynb"
    assert said.a["href"] == "alpha.py"
    assert said.text == "To run it: save alpha.py in the project's folder; there, say .venv/bin/python alpha.py."
    script = (project.root / "_build/html/talks/segments/alpha.py").read_text(encoding="utf-8")
    assert said.select("code")[-1].text in script
    (project.root / "alpha.py").write_text(script, encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    told = subprocess.run([sys.executable, "alpha.py"], cwd=project.root, env=clean, capture_output=True, text=True, check=True)
    shown = [output.text.strip() for output in project.html("talks/segments/alpha").select(".cell_output pre")]
    assert told.stdout.splitlines() == shown == ["41 some data", "<b>ran</b>"]
    assert project.runs() == ["alpha", "alpha"]
    assert project.html("talks/segments/beta").select(".take-away") == []
    assert not (project.root / "_build/html/talks/segments/beta.py").exists()


def test_a_notebook_that_somebody_saved_in_the_projects_folder_is_no_page(project):
    assert project.build().status == 0
    shutil.copy(project.root / "_build/html/talks/segments/alpha.ipynb", project.root)
    assert project.build("-E").status == 0
    assert not (project.root / "_build/html/alpha.html").exists()


def test_the_script_of_an_exercise_is_without_the_solution(exercise):
    assert exercise.build().status == 0
    script = (exercise.root / "_build/html/talks/segments/alpha.py").read_text(encoding="utf-8")
    assert "half = ..." in script
    assert "4 / 2" not in script


def test_work_that_leaves_no_time_to_speak_is_a_fault_of_the_decks_line(exercise):
    exercise.change("talks/segments/alpha.md", ":work: 7", ":work: 9")
    told = exercise.build()
    assert told.status == 1
    assert "talks/one.md:6: WARNING: at 'alpha' the listeners work for all of its 9 minutes; leave some to speak" in told.err


@pytest.mark.parametrize("work", ["0", "-1", "some"])
def test_work_that_is_no_number_of_minutes_is_a_fault_with_its_place(work, exercise):
    exercise.change("talks/segments/alpha.md", ":work: 7", f":work: {work}")
    told = exercise.build()
    assert told.status == 1
    assert "talks/segments/alpha.md:" in told.err
