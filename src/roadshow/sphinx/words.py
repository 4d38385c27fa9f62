"""The site in another language: what the extension itself writes, from ``roadshow.po``, and how far each catalogue is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from babel.core import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from roadshow.sphinx.parts import table


def words(env: BuildEnvironment) -> Callable[[str], str]:
    """What gives a text in the language of the site; one that is not translated stays as it is."""
    texts: dict[str, str] = env.config.roadshow_words
    return lambda text: texts.get(text, text)


def read_words(app: Sphinx, config: Config) -> None:
    """Read the catalogue once; all pages are read again when it changes. (`config-inited`.)

    What is marked as fuzzy counts as not translated, as it does for Sphinx.
    """
    for folder in config.locale_dirs:
        path = Path(app.confdir, folder, config.language, "LC_MESSAGES", "roadshow.po")
        if path.exists():
            try:
                config.roadshow_words = _translated(_read(path))
            except PoFileError as error:
                sys.exit(f"\n{path}:{error.lineno + 1}: {error}; mend the line")


def keep_anchors(app: Sphinx, document: nodes.document) -> None:
    """Keep the anchors of a page's headings, which MyST forgets as it reads the translation of one. (`doctree-read`.)"""
    if slugs := getattr(document, "myst_slugs", None):
        app.env.metadata[app.env.docname]["myst_slugs"] = slugs


class TranslationsDirective(SphinxDirective):
    """How many texts of each page, and of the slides themselves, each language has; a page that is not listed is all English."""

    def run(self) -> list[nodes.Node]:
        counts: dict[str, dict[str, str]] = {}
        for folder in (Path(self.env.srcdir, name) for name in self.config.locale_dirs):
            for path in sorted(folder.glob("*/LC_MESSAGES/**/*.po")):
                self.env.note_dependency(str(path))
                language, _, *page = path.relative_to(folder).with_suffix("").parts
                catalogue = _read(path)
                counts.setdefault("/".join(page), {})[language] = f"{len(_translated(catalogue))} of {len(catalogue)}"
        languages = sorted({language for count in counts.values() for language in count})
        rows: list[list[nodes.Node]] = [
            [nodes.paragraph("", "", nodes.literal(text=page)), *(nodes.paragraph(text=count.get(name, "0")) for name in languages)]
            for page, count in counts.items()
        ]
        names = [(Locale.parse(name).english_name or name) for name in languages]
        return [table(["Page", *names], rows, [3, *(1 for _ in names)], "translations")] if rows else []


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def _translated(catalogue: Catalog) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string and not message.fuzzy}


def setup(app: Sphinx) -> None:
    """Register the directive, and the value that the words are kept in."""
    app.add_config_value("roadshow_words", {}, "env", types=frozenset({dict}), description="")
    app.add_directive("translations", TranslationsDirective)
    app.connect("config-inited", read_words)
    app.connect("doctree-read", keep_anchors)
