"""Begin a visit: a few answers become a commented visit file that builds at once."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

from jinja2 import Environment, PackageLoader, StrictUndefined

from roadshow.visit import Kind, Region
from roadshow.visit_file import VisitError, parse_visit


@dataclass(frozen=True)
class Answers:
    """What has to be known to begin; `days` is how many the visit lasts."""

    name: str
    short_name: str
    kind: str
    country: str
    region: str
    city: str
    timezone: str
    start: date
    days: int
    maintainer: str
    scientist: str
    ally: str
    group: str


def new_visit_file(name: str, folder: Path) -> Path:
    """Where the file of a new visit goes.

    Raises:
        VisitError: the name cannot name a file, or there is such a file already.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise VisitError(f"a visit cannot be called {name!r}; use a to z, 0 to 9 and hyphens, such as next-institution-2027")
    path = folder / f"{name}.toml"
    if path.exists():
        raise VisitError(f"{path}: there is such a visit already; edit that file, or choose another name")
    return path


def new_visit(file: str, answers: Answers) -> str:
    """The text of the file of a visit, `file` its name without ending; the plan that the playbook suggests is in it.

    Raises:
        VisitError: an answer cannot stand in a visit file.
    """
    jinja = Environment(loader=PackageLoader("roadshow"), undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True)
    jinja.filters["toml"] = _toml
    end = answers.start + timedelta(days=answers.days - 1)
    more = {"kinds": get_args(Kind), "regions": get_args(Region), "end": end, "lab": min(end, answers.start + timedelta(days=1))}
    text = jinja.get_template("visit.toml.jinja").render(file=file, **asdict(answers), **more)
    _, faults = parse_visit(text, Path(f"{file}.toml"))
    if faults:
        raise VisitError("\n".join(fault.message for fault in faults))
    return text


def _toml(text: str) -> str:
    # JSON's strings are TOML's, but for one character that TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
