"""Reading a visit file: what is wrong in it, with the line and the mend."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from roadshow.lines import line_of
from roadshow.visit import Visit, Visitor, is_control


class VisitError(Exception):
    """A visit file that cannot be used; the message names, for each fault, the file, the line and the mend."""


@dataclass(frozen=True)
class VisitFault:
    """Something wrong with a visit file: where in the table of its keys, what, with the mend; a `warning` stops nothing."""

    where: tuple[str | int, ...]
    message: str
    warning: bool = False

    def __post_init__(self) -> None:
        # The file may be somebody else's, and the message goes to a terminal.
        shown = "".join(ascii(letter)[1:-1] if is_control(letter) else letter for letter in self.message)
        object.__setattr__(self, "message", shown)


def read_visit(path: Path) -> Visit:
    """Read the visit file at `path`.

    Raises:
        VisitError: the file is missing, is not TOML, or does not say what a visit has to say; the message lists all faults.
    """
    text = read_text(path)
    visit, faults = parse_visit(text, path)
    if faults:
        raise VisitError(listed(path, text, faults))
    return visit


def listed(path: Path, text: str, faults: Iterable[VisitFault]) -> str:
    """The faults of a visit file, a line each, in the order of the file's lines."""
    lines = sorted({(line_of(text, fault.where), fault.message) for fault in faults})
    return "\n".join(f"{path}:{line}: {message}" for line, message in lines)


def read_text(path: Path) -> str:
    """The text of the visit file at `path`.

    Raises:
        VisitError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise VisitError(f"{path}: there is no such visit file; make one with: roadshow new {path.stem}") from None
    except UnicodeDecodeError as error:
        raise VisitError(f"{path}: not in UTF-8 ({error.reason}); save it as UTF-8") from None
    except OSError as error:
        raise VisitError(f"{path}: cannot be read ({error.strerror}); name a file such as visits/neutral.toml") from None


def parse_visit(text: str, path: Path) -> tuple[Visit, list[VisitFault]]:
    """A visit out of the text of its file, and all that is wrong in it, key by key.

    What is wrong is left out of the visit, or stands there as its example, so that the rest can still be looked at.

    Raises:
        VisitError: the text is not TOML.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # numbers and nesting without end are no TOMLDecodeError
        line = re.search(r"at line (\d+)", str(error))
        raise VisitError(f"{path}:{line[1] if line else len(text.splitlines())}: not valid TOML: {error}; mend that line") from None
    faults: list[VisitFault] = []
    for _ in range(_ROUNDS):
        try:
            visit = Visit.model_validate(data)
        except ValidationError as error:
            found = error.errors(include_url=False)
            faults += [_fault(one) for one in found]
            for one in found:
                _stand_in(data, one["loc"])
        else:
            visit._name = path.stem
            return visit, [*faults, *_lost_references(visit)]
    raise VisitError(listed(path, text, faults))


_ROUNDS = 5
"""What is wrong inside a table is seen once the table itself is right."""


def _fault(error: Any) -> VisitFault:
    where, kind = tuple(error["loc"]), error["type"]
    *table, key = where[:-1] if isinstance(where[-1], int) else where
    shown = f"[{'.'.join(map(str, table))}]" if table else "the file"
    field = _field(where)
    example = field.examples[0] if field is not None and field.examples else None
    such = f" such as {key} = {_toml(example)}" if example is not None else ""
    reason = error["msg"][0].lower() + error["msg"][1:]
    match kind:
        case "missing" if not table:
            message = f"the table [{key}] is missing; add it (visits/neutral.toml shows its keys)"
        case "missing":
            message = f'{shown} needs "{key}"; add a line{such}'
        case "extra_forbidden":
            message = f'{shown} has no key "{key}"; {_nearest(str(key), _model(table).model_fields)}'
        case "literal_error":
            words = get_args(field.annotation)
            message = f'{shown} "{key}" is {error["input"]!r}; {_nearest(str(error["input"]), words)}'
        case "too_short":
            message = "nobody travels; add a table [visitors.maintainer] with a name and a line"
        case "model_type" | "dict_type":
            message = f'{shown} "{key}" has to be a table; write [{".".join(map(str, where))}] and its keys below it'
        case "string_too_short" | "string_type":
            message = f'{shown} "{key}" has to be a text that is not empty; write it between quotes{such}'
        case "control" | "line" | "zone" | "offset" | "web":
            message = f'{shown} "{key}" {error["msg"]}'
        case _:
            message = f'{shown} "{key}": {reason}; write one{such}'
    return VisitFault(where, message)


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"it can be one of: {', '.join(known) or 'none'}"


_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def _lost_references(visit: Visit) -> list[VisitFault]:
    """Names that no table has or no file could have, data without a place, and days in the wrong order."""
    faults = []
    for name in ("visitors", "hosts", "meetings", "data"):
        for key in getattr(visit, name):
            if not _NAME.fullmatch(key):
                message = f"the table [{name}.{key}] needs a name of a to z, 0 to 9 and hyphens; files are named after it"
                faults.append(VisitFault((name, key), message))
    if visit.visit.end < visit.visit.start:
        faults.append(VisitFault(("visit", "end"), "the visit ends before it starts; exchange the two days"))
    for key, data in visit.data.items():
        if (data.path is None) == (data.url is None):
            faults.append(VisitFault(("data", key), f"[data.{key}] needs either a path or a url; give one of the two"))
    if visit.cluster.kind in {"address", "gateway"} and visit.cluster.address is None:
        faults.append(VisitFault(("cluster",), f'[cluster] of the kind {visit.cluster.kind!r} needs an "address"; add the line'))
    for key, meeting in visit.meetings.items():
        visitors = [("first", name) for name in [meeting.first] if name] + [("visitors", name) for name in meeting.visitors or []]
        for field, name in [*visitors, *(("hosts", name) for name in meeting.hosts)]:
            tables: list[str] = list(visit.hosts if field == "hosts" else visit.visitors)
            if name not in tables:
                message = f"[meetings.{key}] names {name!r}, who is in no [{'hosts' if field == 'hosts' else 'visitors'}] table"
                faults.append(VisitFault(("meetings", key, field), f"{message}; {_nearest(name, tables)}"))
        if meeting.first is not None and meeting.first in visit.visitors and meeting.first not in visit.present(meeting):
            message = f"{meeting.first!r} speaks first at [meetings.{key}] and is not there; add the name to its visitors"
            faults.append(VisitFault(("meetings", key, "first"), message))
    return faults


def _model(table: Sequence[str | int]) -> type[BaseModel]:
    """The model of the table at a place."""
    model: type[BaseModel] = Visit
    for key in table:
        if key in model.model_fields:
            inside = [model.model_fields[str(key)].annotation, *get_args(model.model_fields[str(key)].annotation)]
            model = next(kind for kind in inside if isinstance(kind, type) and issubclass(kind, BaseModel))
    return model


def _field(where: tuple[str | int, ...]) -> Any:
    keys = [key for key in where if isinstance(key, str)]
    try:
        return _model(keys[:-1]).model_fields.get(keys[-1])
    except (StopIteration, IndexError):
        return None


def _stand_in(data: dict[str, Any], where: Sequence[str | int]) -> None:
    """Put the example of a field, or nothing, in the place of what is wrong."""
    field, holder = _field(tuple(where)), data
    for index, key in enumerate(where[:-1]):
        inner = holder.get(key) if isinstance(key, str) else None
        if not isinstance(inner, dict):
            # Inside a list: the list goes.
            where, field = where[: index + 1], None
            break
        holder = inner
    key = str(where[-1])
    if field is not None and field.is_required():
        holder[key] = field.examples[0] if field.examples else _required(_model(where))
    elif key in holder:
        del holder[key]
    else:
        data.pop(str(where[0]), None)


def _required(model: type[BaseModel]) -> dict[str, Any]:
    """A table of a model with its examples; that of the visitors has one of them."""
    if model is Visitor:
        return {"maintainer": {name: field.examples[0] for name, field in model.model_fields.items() if field.examples}}
    return {name: field.examples[0] for name, field in model.model_fields.items() if field.is_required() and field.examples}


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else value.isoformat() if isinstance(value, date) else str(value)
