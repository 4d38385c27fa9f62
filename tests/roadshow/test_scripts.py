"""The script of a segment: blocks that an editor knows, plain Python, and the results of a notebook."""

import subprocess
import sys

import pytest

from roadshow.notebooks import parts
from roadshow.scripts import script

PAGE = '''---
minutes: 9
---
# A *half*

One number.

```{code-cell} python
:tags: [remove-cell]
from IPython.display import HTML
number = 4
number + 1000
```

:::{notes}
Said.
:::

```{code-cell} python
half = number / 2  # of four
print("half:", half)
```

## Shown

```{code-cell} python
HTML(
    "<table><tr><td>é</td> <td>1</td></tr><tr><td>b</td> <td>&lt;2</td></tr></table>"
)
```

```{code-cell} python
half + 5;
```

```{code-cell} python
half + 7  # seven more
```

```{code-cell} python
:tags: [raises-exception]
raise ValueError("""two
lines""")
```

```{code-cell} python
import asyncio

async def later(value):
    await asyncio.sleep(0)
    return value

text = """a
  b"""
task = asyncio.create_task(later(text))
[await later(1), await task]
```

```{code-cell} python
print(text)
```
'''


def made(markdown):
    return script(parts(markdown), "talks/segments/a", ".venv/bin/python a.py")


def ran(text, folder):
    (folder / "a.py").write_text(text, encoding="utf-8")
    return subprocess.run([sys.executable, folder / "a.py"], capture_output=True, text=True, cwd=folder, check=False)


def test_it_prints_what_a_notebook_shows(tmp_path):
    told = ran(made(PAGE), tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    lines = ["half: 2.0", "é 1", "b <2", "9.0", "ValueError: two", "lines", "[1, 'a\\n  b']", "a", "  b"]
    assert told.stdout.splitlines() == lines


def test_its_blocks_are_the_prose_as_comments_and_the_code_as_it_is():
    blocks = made(PAGE).split("# %%")
    assert (
        blocks[1].splitlines()[1]
        == "# From the page talks/segments/a of the site. To run it, in the project's folder: .venv/bin/python a.py"
    )
    assert blocks[3] == " [markdown]\n# # A *half*\n#\n# One number.\n\n"
    assert blocks[5] == '\nhalf = number / 2  # of four\nprint("half:", half)\n\n'
    assert "Said" not in made(PAGE)


def test_a_process_that_a_cell_starts_does_not_run_it_again(tmp_path):
    page = """
```{code-cell} python
import multiprocessing
import os
with multiprocessing.get_context("spawn").Pool(1) as pool:
    print(pool.map(abs, [-3]))
```
"""
    told = ran(made(page), tmp_path)
    assert (told.returncode, told.stdout) == (0, "[3]\n")


def test_a_process_that_a_cell_starts_finds_the_project(tmp_path):
    (tmp_path / "thing.py").write_text("VALUE = 41\n", encoding="utf-8")
    command = """import os, subprocess, sys
subprocess.run([sys.executable, "-c", "import thing; print(thing.VALUE)"], cwd=os.path.dirname(os.getcwd()), check=True);"""
    assert ran(made(f"```{{code-cell}} python\n{command}\n```\n"), tmp_path).stdout == "41\n"


def test_what_only_a_notebook_runs_is_a_comment(tmp_path):
    told = ran(made("```{code-cell} python\n%time 1\n```\n\n```{code-cell} python\nprint(2)\n```\n"), tmp_path)
    assert (told.returncode, told.stdout) == (0, "2\n")


@pytest.mark.parametrize(("code", "begins"), [("1", True), ("print(1)", False)])
def test_it_imports_only_what_it_uses(code, begins):
    assert ("BeautifulSoup" in made(f"```{{code-cell}} python\n{code}\n```\n")) == begins
