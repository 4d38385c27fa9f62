"""A page that is large says why."""

from roadshow.sphinx.weight import LIMIT, reason, weight

CELL = """
    ```{{code-cell}} python
    from IPython.display import HTML
    HTML({html!r} + "{letter}" * {times} + {end!r})
    ```
    """


def told(project, html, end, letter="x", times=LIMIT):
    page = (project.root / "talks/segments/alpha.md").read_text(encoding="utf-8")
    cell = CELL.format(html=html, end=end, letter=letter, times=times).replace("\n    ", "\n")
    project.write("talks/segments/alpha.md", page + "\n\n## The large one\n" + cell)
    assert project.build().status == 0
    assert project.build().status == 0
    return [found.text for found in project.html("talks/segments/alpha").select("article .weight, .body .weight, .weight")]


def themed(project):
    project.write("conf.py", (project.root / "conf.py").read_text(encoding="utf-8") + 'html_theme = "sphinx_book_theme"\n')
    return project


def test_a_page_that_carries_a_file_names_it(project):
    [text] = told(themed(project), '<a download="report.html" href="data:text/html;base64,', '">r</a>')
    size = f"{LIMIT / 1e3:.0f} kB"
    assert text.endswith(f"{size} of that is the file report.html, which a link carries.")


def test_a_page_whose_cell_shows_much_names_the_slide(project):
    [text] = told(themed(project), "<p>", "</p>")
    assert text.endswith("of that is what a cell under “The large one” shows.")


def test_pictures_do_not_count(project):
    assert told(themed(project), '<img alt="" src="data:image/png;base64,', '">') == []


def test_a_page_just_below_the_limit_says_nothing(project):
    assert told(themed(project), "<p>", "</p>", times=LIMIT // 2) == []


def test_a_page_of_many_parts_says_that(project):
    page = (
        "<article><section><h1>P</h1>"
        + "".join(f"<section><h2>{n}#</h2>{'x' * 99}</section>" for n in range(3))
        + "</section></article>"
    )
    assert reason(page) == "This page has 0 kB of HTML without its pictures; no one part of it is more than half of that."
    assert weight(page) == len(page)
