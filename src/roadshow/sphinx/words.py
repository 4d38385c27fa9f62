"""The site in another language: what the extension itself writes and takes from tables, and how far each catalogue is."""

from __future__ import annotations

import sys
from collections import ChainMap
from collections.abc import Callable, Mapping
from pathlib import Path

from babel.core import Locale
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from roadshow.catalogue import FIGURES, INTERFACE, OUTPUTS, TABLES, CatalogueError, read_catalogue, translated
from roadshow.sphinx.parts import table


def words(env: BuildEnvironment) -> Callable[[str], str]:
    """What gives a text in the language of the site; one that is not translated stays as it is."""
    texts: Mapping[str, str] = ChainMap(*env.config.roadshow_words.values())
    return lambda text: texts.get(text, text)


def read_words(app: Sphinx, config: Config) -> None:
    """Read the four catalogues once; all pages are read again when one changes. (`config-inited`.)"""
    found = {}
    for folder in config.locale_dirs:
        for name in (INTERFACE, TABLES, OUTPUTS, FIGURES):
            path = Path(app.confdir, folder, config.language, "LC_MESSAGES", f"{name}.po")
            try:
                if path.exists():
                    found[name] = translated(read_catalogue(path))
            except CatalogueError as error:
                sys.exit(f"\n{error}")
    config.roadshow_words = found


def keep_anchors(app: Sphinx, document: nodes.document) -> None:
    """Keep the anchors of a page's headings, which MyST forgets as it reads the translation of one. (`doctree-read`.)"""
    if slugs := getattr(document, "myst_slugs", None):
        app.env.metadata[app.env.docname]["myst_slugs"] = slugs


def name_folds(app: Sphinx, document: nodes.document) -> None:
    """Name the folded code of a cell in the language of the site; myst-nb does it in English. (`doctree-read`.)"""
    _ = words(app.env)
    for cell in document.findall(nodes.container):
        if "prompt_show" in cell and "tag_hide-input" in cell["classes"]:
            cell["prompt_show"], cell["prompt_hide"] = _("Show the code"), _("Hide the code")


class TranslationsDirective(SphinxDirective):
    """How many texts of each page, and of the slides themselves, each language has; a page that is not listed is all English."""

    def run(self) -> list[nodes.Node]:
        counts: dict[str, dict[str, str]] = {}
        for folder in (Path(self.env.srcdir, name) for name in self.config.locale_dirs):
            for path in sorted(folder.glob("*/LC_MESSAGES/**/*.po")):
                self.env.note_dependency(str(path))
                language, _, *page = path.relative_to(folder).with_suffix("").parts
                try:
                    catalogue = read_catalogue(path)
                except CatalogueError as error:
                    raise self.error(str(error)) from error
                counts.setdefault("/".join(page), {})[language] = f"{len(translated(catalogue))} of {len(catalogue)}"
        languages = sorted({language for count in counts.values() for language in count})
        rows: list[list[nodes.Node]] = [
            [nodes.paragraph("", "", nodes.literal(text=page)), *(nodes.paragraph(text=count.get(name, "0")) for name in languages)]
            for page, count in counts.items()
        ]
        names = [(Locale.parse(name).english_name or name) for name in languages]
        return [table(["Page", *names], rows, [3, *(1 for _ in names)], "translations")] if rows else []


def setup(app: Sphinx) -> None:
    """Register the directive, and the value that the words are kept in."""
    app.add_config_value("roadshow_words", {}, "env", types=frozenset({dict}), description="")
    app.add_directive("translations", TranslationsDirective)
    app.connect("config-inited", read_words)
    app.connect("doctree-read", keep_anchors)
    app.connect("doctree-read", name_folds)
