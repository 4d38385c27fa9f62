"""Each page says when its source was last changed, as the repository of the project has it; without one, it says nothing."""

from __future__ import annotations

import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

from babel.dates import format_date
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def find_changed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Keep the date of each page, and have those written again whose date is another. (`env-updated`.)"""
    files = dates(Path(app.srcdir))
    found = {page: files.get(Path(env.doc2path(page, base=False)).as_posix()) for page in env.found_docs}
    kept = cast("Any", env)
    before = getattr(kept, "roadshow_changed", {})
    kept.roadshow_changed = found
    return [page for page, day in found.items() if before.get(page) != day]


def say_changed(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Hand the date of a page to the theme, which has a place for it. (`html-page-context`.)"""
    day = cast("Any", app.env).roadshow_changed.get(page)
    context["last_updated"] = format_date(day, "d MMMM y", locale=app.config.language) if day else None


def dates(root: Path) -> dict[str, date]:
    """The day of the last commit of each file below a folder.

    A file that has changed since has none, as it is not known when. Nor has any file where there is no git, no repository, or
    one that holds a part of its history only.
    """
    try:
        if _git(root, "rev-parse", "--is-shallow-repository").strip() != "false":
            return {}
        kept = set(_git(root, "ls-files", "-z").split("\0")) - set(
            _git(root, "diff", "-z", "--name-only", "--relative", "HEAD").split("\0")
        )
        log = _git(root, "log", "-z", "--format=%x01%ct", "--name-only", "--relative", "--", ".")
    except (OSError, subprocess.CalledProcessError):
        return {}
    found: dict[str, date] = {}
    for commit in log.split("\1")[1:]:
        time, *names = commit.replace("\n", "\0").split("\0")
        day = datetime.fromtimestamp(int(time), UTC).date()
        for name in kept.intersection(names):
            found.setdefault(name, day)
    return found


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, encoding="utf-8", errors="surrogateescape", check=True
    ).stdout
