"""The notebook of a page: its cells and the text of its slides, always the same; of an exercise, up to the solution."""

import nbformat

from roadshow.cells import read_cells
from roadshow.notebooks import REACH, notebook

PAGE = """---
minutes: 9
---
# Exercise: a half

One number.

```{code-cell} python
---
tags: [remove-cell]
---
number = 4
```

## Your turn: the half

:::{slide}
:work: 7
:::

- of **four**, from [0 to 4]{.chosen}, as {claim}`half of
  all <A01 R02>` say

```{code-cell} python
half = ...
```

```{code-cell} python
:tags: [raises-exception]
assert half == 2
```

::::{notes}
Said.

:::{reader}
Read.
:::
::::

## One solution: divide

```{code-cell} python
---
tags: [hide-input, solution]
mystnb:
  code_prompt_show: Show the solution
---
half = number / 2
```

```{code-cell} python
assert half == 2
```
"""


def test_it_ends_before_the_slide_with_the_solution_and_has_no_directives():
    made = notebook(PAGE)
    nbformat.validate(made)
    assert [(cell.cell_type, cell.source) for cell in made.cells] == [
        ("code", f"import os\n\n{REACH}"),
        ("markdown", "# Exercise: a half\n\nOne number."),
        ("code", "number = 4"),
        ("markdown", "## Your turn: the half\n\n\n- of **four**, from 0 to 4, as half of\n  all say"),
        ("code", "half = ..."),
        ("code", "assert half == 2"),
    ]
    folded = {"jupyter": {"source_hidden": True}}
    assert [cell.metadata for cell in made.cells] == [folded, {}, folded, {}, {}, {"tags": ["raises-exception"]}]
    assert made.metadata.kernelspec.name == "python3"


def test_it_is_the_same_each_time():
    assert nbformat.writes(notebook(PAGE)) == nbformat.writes(notebook(PAGE))


def test_a_page_without_a_solution_is_taken_whole_and_one_without_cells_not_at_all():
    whole = notebook(PAGE.replace("solution]", "measured]"))
    assert [cell.source for cell in whole.cells][-2:] == ["half = number / 2", "assert half == 2"]
    assert notebook("# A page\n\nno cells, a solution\n") is None


def test_the_cells_of_a_page_say_which_one_solves():
    assert [(cell.may_raise, cell.solves) for cell in read_cells(PAGE)] == [
        (False, False),
        (False, False),
        (True, False),
        (False, True),
        (False, False),
    ]
