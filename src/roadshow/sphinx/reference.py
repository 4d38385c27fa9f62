"""The reference: every command, directive, role and setting that there is, out of the code that has them."""

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

from roadshow.sphinx.directives import table


class ReferenceDirective(SphinxDirective):
    """Every one of its kind, a section each: `commands`, `directives`, `roles` or `settings`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        for path in Path(__file__).parents[1].rglob("*.py"):
            self.env.note_dependency(str(path))
        kinds = {"commands": _commands, "directives": _directives, "roles": _roles, "settings": self.settings}
        if (kind := self.arguments[0]) not in kinds:
            raise self.error(f"there is no reference of {kind!r}; there is one of {', '.join(kinds)}")
        return list(kinds[kind]())

    def settings(self) -> Iterator[nodes.Node]:
        """The values of ``conf.py``."""
        rows = [
            [_literal(name), _literal(repr(value.default)), nodes.paragraph("", "", *_marked(value.description))]
            for name, value in sorted(self.config.values.items())
            if name.startswith("roadshow_") and value.description
        ]
        yield table(["Setting", "Unless set", "What it is"], rows, [3, 3, 6], "cards")


def _commands() -> Iterator[nodes.Node]:
    # By the name under which it is installed: the command knows the extension, and not the other way round.
    (installed,) = entry_points(group="console_scripts", name="roadshow")
    for name, command in typer.main.get_command(installed.load()).commands.items():  # type: ignore[attr-defined]
        shown = [f"<{one.name}>" if one.param_type_name == "argument" else max(one.opts, key=len) for one in command.params]
        rows = [
            [_literal(text), nodes.paragraph(text=_unless(one)), nodes.paragraph("", "", *_marked(one.help or ""))]
            for text, one in zip(shown, command.params, strict=True)
        ]
        options = [table(["Takes", "Unless said", "What it is"], rows, [3, 3, 6], "cards")] if rows else []
        yield _section(f"command-{name}", f"roadshow {name}", *_paragraphs(command.help), *options)


def _unless(parameter: Any) -> str:
    if parameter.required:
        return "needed"
    return "" if parameter.default in (None, False) else str(parameter.default)


def _directives() -> Iterator[nodes.Node]:
    for name, kind in sorted(_ours(directives._directives)):  # type: ignore[attr-defined]
        options = [_literal(f":{option}:") for option in kind.option_spec or ()]
        listed = (
            [nodes.bullet_list("", *(nodes.list_item("", option) for option in options), classes=["simple"])] if options else []
        )
        takes = " ".join(["…"] * (kind.required_arguments + kind.optional_arguments))
        yield _section(f"directive-{name}", f"{{{name}}} {takes}".strip(), *_paragraphs(kind.__doc__), *listed)


def _roles() -> Iterator[nodes.Node]:
    for name, kind in sorted(_ours(roles._roles)):  # type: ignore[attr-defined]
        yield _section(f"role-{name}", f"{{{name}}}", *_paragraphs(kind.__doc__))


def _ours(registered: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, one) for name, one in registered.items() if inspect.getmodule(one).__name__.startswith("roadshow."))  # type: ignore[union-attr]


def _section(name: str, title: str, *parts: nodes.Node) -> nodes.section:
    return nodes.section("", nodes.title("", "", nodes.literal(text=title)), *parts, ids=[name])


def _paragraphs(text: str | None) -> Iterator[nodes.paragraph]:
    for part in inspect.cleandoc(text or "").split("\n\n"):
        yield nodes.paragraph("", "", *_marked(" ".join(part.split())))


def _literal(text: str) -> nodes.paragraph:
    return nodes.paragraph("", "", nodes.literal(text=text))


def _marked(text: str) -> Iterator[nodes.Node]:
    """A text, what stands between backquotes as code."""
    for index, part in enumerate(re.split(r"``(.+?)``|`([^`]+)`", text)):
        if part and index % 3:
            yield nodes.literal(text=part)
        elif part:
            yield nodes.Text(part)


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("reference", ReferenceDirective)
