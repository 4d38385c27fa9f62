"""What the benchmarks build: this project as it is, and projects of many segments and decks made from its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHORT = ("a-labelled-array", "el-nino-in-your-data", "the-problem-in-your-archive", "two-futures")
"""Segments whose cells compute all the time and wait for nothing: those that start clusters would measure the clusters."""


def as_it_is(folder: Path) -> Path:
    """A copy of this project, without what is built or installed in it."""
    ignored = shutil.ignore_patterns("_build", ".*", "__pycache__", "node_modules")
    return Path(shutil.copytree(ROOT, folder, ignore=ignored))


def many(folder: Path, segments: int, decks: int) -> Path:
    """A project of so many segments, each a real one with a cell of its own, and decks: of all of them, or, if many, of four."""
    as_it_is(folder)
    for name in ("guide", "visit", "talks"):
        shutil.rmtree(folder / name)
    neutral = folder / "visits/neutral.toml"
    neutral.write_text(neutral.read_text(encoding="utf-8").split("[meetings.", 1)[0], encoding="utf-8")
    toctree = "# Many\n\n```{toctree}\n:glob:\ntalks/*\ntalks/segments/*\n```\n"
    (folder / "index.md").write_text(toctree, encoding="utf-8")
    names = [f"segment-{number:03}" for number in range(segments)]
    (folder / "talks/segments").mkdir(parents=True)
    for number, name in enumerate(names):
        (folder / f"talks/segments/{name}.md").write_text(_copy(SHORT[number % len(SHORT)], number), encoding="utf-8")
    for number in range(decks):
        chosen = names[:: -1 if number else 1] if decks <= 2 else [names[(number + step) % segments] for step in range(4)]
        add_deck(folder, f"deck-{number}", chosen)
    return folder


def _copy(name: str, number: int) -> str:
    """A real segment under another title, whose cells differ from those of every other copy, and which explains no term."""
    text = (ROOT / f"talks/segments/{name}.md").read_text(encoding="utf-8")
    text = re.sub(r"^(introduces|needs): .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\((.*)\)=\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\.md[^)]*\)", r"\1", text)
    text = re.sub(r"^# (.*)$", rf"# \1 {number}", text, count=1, flags=re.MULTILINE)
    return text.replace("from examples import", f"COPY = {number}\nfrom examples import", 1)


def add_deck(folder: Path, name: str, segments: list[str]) -> None:
    """Add a deck of `segments`."""
    lines = "".join(f"{segment} full scientist\n" for segment in segments)
    (folder / f"talks/{name}.md").write_text(f"# {name}\n\n```{{deck}}\n:slot: 9000\n{lines}```\n", encoding="utf-8")


def decks(folder: Path) -> dict[str, list[str]]:
    """The segments of each deck, by the deck's name."""
    found = {}
    for path in sorted((folder / "talks").glob("*.md")):
        if fence := re.search(r"^```\{deck\}\n((?:.*\n)*?)```", path.read_text(encoding="utf-8"), re.MULTILINE):
            lines = (line.split() for line in fence[1].splitlines())
            found[path.stem] = [words[0] for words in lines if words and words[0][0] not in ":#"]
    return found


def change(path: Path, old: str, new: str) -> None:
    """Replace a text in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path}: {old!r} is not there"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
