"""The public build: it knows the public visit only, and does not finish when a private text of another visit is in it."""

from __future__ import annotations

import html
import json
import re
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.config import Config

from roadshow.visit import private_texts
from roadshow.visit_file import VisitError, read_visit


def withhold_visit(app: Sphinx, config: Config) -> None:
    """In a public build, take the public visit in the place of the one that was asked for, and begin afresh. (`config-inited`.)

    What an earlier build left, pictures of private data among it, must not stay.
    """
    if not config.roadshow_public:
        return
    public = Path(app.srcdir, config.values["roadshow_visit"].default)
    asked = Path(app.srcdir, config.roadshow_visit)
    others = sorted({*public.parent.glob("*.toml"), asked} - {public})
    try:
        known = {text for _, text in private_texts(read_visit(public))}
        texts = {text: (path, where) for path in others for where, text in private_texts(read_visit(path)) if text not in known}
    except VisitError as error:
        sys.exit(f"\n{error}")
    config.roadshow_visit = config.values["roadshow_visit"].default
    # The sources hold the notes that are left out.
    config.html_copy_source = False
    _clear(Path(app.outdir))
    Path(app.doctreedir).mkdir(parents=True, exist_ok=True)
    app.connect("build-finished", partial(refuse_leaks, texts={text: texts[text] for text in texts if _is_telling(text)}))


def refuse_leaks(app: Sphinx, exception: Exception | None, texts: dict[str, tuple[Path, tuple[str, ...]]]) -> None:
    """End the build, and remove it, when one of the texts stands in a file of it. (`build-finished`.)

    The message names where the text stands, in the build and in the visit file, and not the text: a log may be public.
    """
    if exception or not texts:
        return
    spelled = {form.encode(): text for text in texts for form in _spellings(text)}
    pattern = re.compile(rb"(?<!\w)(?:" + b"|".join(map(re.escape, sorted(spelled, key=len, reverse=True))) + rb")(?!\w)")
    leaks = []
    for file in sorted(path for path in Path(app.outdir).rglob("*") if path.is_file()):
        for found in sorted({spelled[match] for match in pattern.findall(file.read_bytes())}):
            path, where = texts[found]
            leaks.append(f"{file.relative_to(app.outdir)}: holds what {path.relative_to(app.srcdir)} says at {'.'.join(where)}")
    if leaks:
        _clear(Path(app.outdir))
        mend = "Take it out of the page that says it; nothing was kept of this build."
        sys.exit("\nA public build must not carry private texts of a visit:\n  " + "\n  ".join(leaks) + f"\n{mend}")


def _is_telling(text: str) -> bool:
    """Whether a text, found on a page, tells of the visit; ordinary words, such as a group's "The seminar", do not.

    Names, numbers, addresses and other scripts do, and so do three words in a row.
    """
    words = text.split()
    ordinary = text.isascii() and all(word.isalpha() for word in words)
    if len(words) > 2 or not ordinary:
        return len(text) > 4 or not text.isascii()
    return len(words) == 2 and all(word[0].isupper() for word in words) and words[0] not in {"The", "A", "An"}


def _spellings(text: str) -> Iterator[str]:
    """A text as it may stand in a page, a script, a calendar or an address."""
    yield from {text, html.escape(text), html.escape(text, quote=False), json.dumps(text)[1:-1], quote(text)}


def _clear(outdir: Path) -> None:
    """Empty a folder that Sphinx wrote."""
    if not any((outdir / name).exists() for name in (".buildinfo", ".doctrees")):
        return
    for path in outdir.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
