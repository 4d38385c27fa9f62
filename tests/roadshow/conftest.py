"""A small project to build: two segments, one of them with cells, and a deck of both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
from bs4 import BeautifulSoup
from sphinx.cmd.build import main as sphinx_build

VISIT = (Path(__file__).parents[2] / "visits" / "neutral.toml").read_text(encoding="utf-8").split("[meetings.", 1)[0]
"""The public visit without its meetings, whose decks the small project does not have."""

FILES = {
    "conf.py": """
        project = "Small"
        extensions = ["roadshow.sphinx"]
        exclude_patterns = ["_build"]
        html_math_renderer = "mathml"
        myst_enable_extensions = ["colon_fence", "dollarmath"]
        myst_heading_anchors = 3
        nb_execution_mode = "cache"
        """,
    "index.md": """
        # Small
        ```{toctree}
        :glob:
        talks/*
        talks/segments/*
        ```
        """,
    "talks/one.md": """
        # Deck one

        ```{deck}
        :slot: 10
        # segment depth speaker
        alpha full maintainer
        beta brief scientist
        ```
        """,
    "talks/segments/alpha.md": """
        ---
        file_format: mystnb
        kernelspec: {name: python3, display_name: Python 3}
        minutes: 5
        brief: 2
        ---
        # Alpha

        For readers before the first slide.

        ## The square $x^2$

        :::{slide}
        :layout: split
        :::

        See [the other](beta.md) and [the next](#the-run).

        ```{code-cell} python
        from examples.thing import VALUE
        print(VALUE, open("data.txt").read())
        ```

        :::{notes}
        Said **aloud**.
        :::

        :::{reader}
        Only for readers.
        :::

        ## The run

        :::{slide}
        :depth: full
        :::

        ```{code-cell} python
        :tags: [hide-input]
        import os
        with open(os.environ["RUNS"], "a") as file:
            file.write("alpha\\n")
        print("<b>ran</b>")
        ```

        ## In short

        :::{slide}
        :depth: brief
        :::

        Short.
        """,
    "talks/segments/beta.md": """
        ---
        minutes: 4
        brief: 1
        ---
        # Beta

        ## A claim

        - one point, see [the first](alpha.md)
        """,
    "examples/__init__.py": "",
    "examples/thing.py": "VALUE = 41\n",
    "data.txt": "some data",
}


@dataclass
class Result:
    """The exit status of a build and what it printed."""

    status: int
    out: str
    err: str


@dataclass
class Project:
    """A project in a folder of its own, with the file in which its cells note that they ran."""

    root: Path
    runs_file: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        (self.root / name).write_text(text.replace(old, new), encoding="utf-8")

    def build(self, *options: str) -> Result:
        self.capsys.readouterr()
        try:
            status, last = sphinx_build(["-W", "-N", *options, str(self.root), str(self.root / "_build/html")]), ""
        except SystemExit as stop:
            # As Python does with it at the top: the message to stderr, and the status 1.
            status, last = 1, str(stop)
        out, err = self.capsys.readouterr()
        return Result(status, out, err + last)

    def runs(self) -> list[str]:
        return self.runs_file.read_text().split() if self.runs_file.exists() else []

    def html(self, page: str) -> BeautifulSoup:
        return BeautifulSoup((self.root / "_build/html" / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    made = Project(tmp_path / "project", tmp_path / "runs", capsys)
    monkeypatch.setenv("RUNS", str(made.runs_file))
    for name, text in FILES.items():
        made.write(name, text)
    made.write("visits/neutral.toml", VISIT)
    return made
