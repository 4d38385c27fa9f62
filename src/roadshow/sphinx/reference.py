"""The reference: each command, make target, directive, role, setting, file and its keys, out of the code that has them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import typer
from docutils import nodes
from docutils.parsers.rst import directives, roles
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

from roadshow import evidence, follow_up, letters, schema, timeline
from roadshow import visit as model
from roadshow.sphinx.parts import bullets, marked, paragraph, section, table

FILES: dict[str, type] = {
    "guide/plan.toml [steps.<number>]": timeline.Step,
    "guide/plan.toml [audiences.<name>]": timeline.People,
    "guide/plan.toml [[countdown]]": timeline.Task,
    "guide/plan.toml [takeaways]": timeline.Takeaways,
    "letters/<name>.md.jinja": letters.Front,
    "evidence/adopters.csv": evidence.Adopter,
    "evidence/counter_evidence.csv": evidence.CounterFact,
    "evidence/projects.csv": evidence.ProjectFact,
    "evidence/facts.csv": evidence.Fact,
    "evidence/questions_<name>.csv": evidence.Question,
    "visits/<name>.follow-up.csv": follow_up.Goal,
}
"""What is read from a file, or from a table of one."""


class ReferenceDirective(SphinxDirective):
    """Every one of its kind: `commands`, `directives`, `roles`, `settings`, `targets` of make, `environment`, `files`."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        for path in Path(__file__).parents[1].rglob("*.py"):
            self.env.note_dependency(str(path))
        kinds = {
            "commands": _commands,
            "directives": _directives,
            "roles": _roles,
            "settings": self.settings,
            "targets": self.targets,
            "environment": self.environment,
            "files": _files,
        }
        if (kind := self.arguments[0]) not in kinds:
            raise self.error(f"there is no reference of {kind!r}; there is one of {', '.join(kinds)}")
        return list(kinds[kind]())

    def settings(self) -> Iterator[nodes.Node]:
        """The values of ``conf.py``."""
        rows = [
            [_literal(name), _literal(repr(value.default)), paragraph(*marked(value.description))]
            for name, value in sorted(self.config.values.items())
            if name.startswith("roadshow_") and value.description
        ]
        yield table(["Setting", "Unless set", "What it is"], rows, [3, 3, 6], "cards")

    def targets(self) -> Iterator[nodes.Node]:
        """What ``make`` can do, as its file says."""
        made = re.findall(r"^([a-z-]+):.*?## (.+)$", self._read("Makefile"), re.MULTILINE)
        rows: list[list[nodes.Node]] = [[_literal(f"make {name}"), paragraph(said)] for name, said in made]
        yield table(["Target", "What it does"], rows, [3, 9], "cards")

    def environment(self) -> Iterator[nodes.Node]:
        """The variables that ``conf.py`` reads; the directive's body says what each is for, in a line that begins with its name."""
        said = dict(line.split(" ", 1) for line in self.content if line)
        read = sorted(set(re.findall(r'environ\.get\("(\w+)"', self._read("conf.py"))))
        if wrong := sorted(set(read) ^ set(said)):
            raise self.error(f"{', '.join(wrong)}: either conf.py reads it and nothing is said of it here, or the other way round")
        rows: list[list[nodes.Node]] = [[_literal(name), paragraph(*marked(said[name]))] for name in read]
        yield table(["Variable", "What it is for"], rows, [3, 9], "cards")

    def _read(self, name: str) -> str:
        self.env.note_dependency(name)
        return Path(self.env.srcdir, name).read_text(encoding="utf-8")


def _commands() -> Iterator[nodes.Node]:
    # By the name under which it is installed: the command knows the extension, and not the other way round.
    (installed,) = entry_points(group="console_scripts", name="roadshow")
    for name, command in typer.main.get_command(installed.load()).commands.items():  # type: ignore[attr-defined]
        shown = [f"<{one.name}>" if one.param_type_name == "argument" else max(one.opts, key=len) for one in command.params]
        rows = [
            [_literal(text), nodes.paragraph(text=_unless(one)), paragraph(*marked(one.help or ""))]
            for text, one in zip(shown, command.params, strict=True)
        ]
        options = [table(["Takes", "Unless said", "What it is"], rows, [3, 3, 6], "cards")] if rows else []
        yield section(f"command-{name}", [nodes.literal(text=f"roadshow {name}")], *_paragraphs(command.help), *options)


def _unless(parameter: Any) -> str:
    if parameter.required:
        return "needed"
    return "" if parameter.default in (None, False) else str(parameter.default)


def _directives() -> Iterator[nodes.Node]:
    for name, kind in sorted(_ours(directives._directives)):  # type: ignore[attr-defined]
        options = [_literal(f":{option}:") for option in kind.option_spec or ()]
        listed = [bullets(options)] if options else []
        takes = " ".join(["…"] * (kind.required_arguments + kind.optional_arguments))
        yield section(f"directive-{name}", [nodes.literal(text=f"{{{name}}} {takes}".strip())], *_paragraphs(kind.__doc__), *listed)


def _roles() -> Iterator[nodes.Node]:
    for name, kind in sorted(_ours(roles._roles)):  # type: ignore[attr-defined]
        yield section(f"role-{name}", [nodes.literal(text=f"{{{name}}}")], *_paragraphs(kind.__doc__))


def _files() -> Iterator[nodes.Node]:
    rows: list[list[nodes.Node]] = []
    for name, kind in FILES.items():
        keys = follow_up.COLUMNS if kind is follow_up.Goal else list(kind.__annotations__)
        said, *_ = inspect.cleandoc(kind.__doc__ or "").split("\n\n")
        rows.append([_literals(name.split(), " "), paragraph(*marked(" ".join(said.split()))), _literals(keys, ", ")])
    yield table(["File", "What it holds", "Its keys or columns"], rows, [3, 4, 5], "cards")


def _ours(registered: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, one) for name, one in registered.items() if inspect.getmodule(one).__name__.startswith("roadshow."))  # type: ignore[union-attr]


def _paragraphs(text: str | None) -> Iterator[nodes.paragraph]:
    for part in inspect.cleandoc(text or "").split("\n\n"):
        yield paragraph(*marked(" ".join(part.split())))


def _literal(text: str) -> nodes.paragraph:
    return paragraph(nodes.literal(text=text))


def _literals(texts: list[str], between: str) -> nodes.paragraph:
    return paragraph(*[part for text in texts for part in (between, nodes.literal(text=text))][1:])


class VisitReferenceDirective(SphinxDirective):
    """Where the schema of a visit file is, and every table and key of one, out of its model."""

    def run(self) -> list[nodes.Node]:
        for path in (__file__, schema.__file__, model.__file__):
            self.env.note_dependency(str(path))
        link = nodes.reference("", schema.FILE, refuri=relative_uri(self.env.docname, schema.FILE))
        return [paragraph("The same, for editors, as a JSON Schema: ", link, "."), *_reference_tables()]


def _reference_tables() -> Iterator[nodes.Node]:
    made = schema.schema()
    for name, entry in made["properties"].items():
        named = "additionalProperties" in entry
        inside = made["$defs"][(entry["additionalProperties"] if named else entry)["$ref"].rsplit("/", 1)[-1]]
        heading = nodes.literal(text=f"[{name}.<name>]" if named else f"[{name}]")
        needed = name in made["required"]
        some = "At least one is needed." if named and needed else "Needed." if needed else "May be left out."
        said = paragraph(*marked(inside["description"]), f" {some}")
        rows = [_reference_row(key, field, key in inside.get("required", ())) for key, field in inside["properties"].items()]
        heads = ["Key", "Value", "Needed", "What it says", "Private"]
        yield section(f"table-{name}", [heading], said, table(heads, rows, [3, 4, 3, 6, 2], "cards"))


def _reference_row(key: str, field: dict[str, Any], needed: bool) -> list[nodes.Node]:
    kind = next(one for one in field.get("anyOf", [field]) if one.get("type") != "null")
    return [
        paragraph(nodes.literal(text=key)),
        paragraph(*_kind(kind, field.get("examples"))),
        paragraph(*(["needed"] if needed else _left_out(field["default"]))),
        paragraph(*marked(field["description"])),
        paragraph("private" if field.get("private") else ""),
    ]


def _kind(kind: dict[str, Any], examples: list[Any] | None) -> Iterator[nodes.Node | str]:
    such = [", such as ", nodes.literal(text=str(examples[0]))] if examples else []
    match kind:
        case {"enum": words}:
            yield "one of "
            for index, word in enumerate(words):
                yield from [", "] if index else []
                yield nodes.literal(text=word)
        case {"type": "string", "format": "date"}:
            yield from ["a day", *such]
        case {"type": "string", "pattern": _}:
            yield from ["a day and a time", *such]
        case {"type": "integer"}:
            least = kind.get("minimum", kind.get("exclusiveMinimum", 0) + 1)
            yield f"a whole number, {least} to {kind['maximum']}" if "maximum" in kind else f"a whole number from {least} on"
        case {"type": "array"}:
            yield "a list of texts"
        case _:
            yield {"boolean": "true or false", "object": "a table"}.get(kind["type"], "a text")


def _left_out(value: Any) -> list[nodes.Node | str]:
    """What holds where a key is left out; its sentence says so where the default is none of its own kind."""
    if value in (None, "-", [], {}):
        return ["may be left out"]
    shown = ", ".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)
    return [nodes.literal(text=shown), " if left out"]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("reference", ReferenceDirective)
    app.add_directive("visit-reference", VisitReferenceDirective)
