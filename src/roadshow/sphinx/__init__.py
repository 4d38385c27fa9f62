"""The Sphinx extension: run pages once, read segments and decks, write the slides beside the pages."""

from __future__ import annotations

import gc
import html
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any, Literal

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.typing import ExtensionMetadata

from roadshow.csv_table import TableError
from roadshow.evidence import question_files, read_claims, read_questions
from roadshow.review import reaches_out
from roadshow.sphinx import (
    access,
    answers,
    assembly,
    changed,
    claims,
    decks,
    directives,
    execution,
    faults,
    foot,
    mathml,
    nodes,
    numbers,
    outputs,
    policies,
    public,
    reference,
    serving,
    sharing,
    takeaway,
    visits,
    weight,
    words,
)
from roadshow.timeline import PlanError, read_plan
from roadshow.visit_file import VisitError, listed, read_text, read_visit

HERE = Path(__file__).parent


def check_inputs(app: Sphinx, config: Config) -> None:
    """Stop at once when the visit file or a table of evidence cannot be used. (`config-inited`.)"""
    tables = Path(app.srcdir, config.roadshow_evidence)
    try:
        file = Path(app.srcdir, config.roadshow_visit)
        reached = [] if config.roadshow_trusted else list(reaches_out(read_visit(file), Path(app.srcdir)))
        if reached:
            raise VisitError(listed(file, read_text(file), reached))
        if tables.is_dir():
            read_claims(tables, date.today().year)
        read_questions(*question_files(tables).values())
        if (plan := Path(app.srcdir, config.roadshow_plan)).exists():
            read_plan(plan)
    except (VisitError, TableError, PlanError) as error:
        # An exception would reach the author as pages of Sphinx's own state; nothing has been written yet.
        sys.exit(f"\n{error}")


def add_own_files(app: Sphinx, config: Config) -> None:
    """Put the extension's templates and styles where Sphinx looks for them. (`config-inited`.)

    A deck shows the site's address too, and Sphinx reads no page again when that changes: so it is a value of ours. The paths
    are relative, as Sphinx writes a digest of them into the site.
    """
    config.roadshow_address = config.html_baseurl
    config.templates_path = [*config.templates_path, os.path.relpath(HERE / "templates", app.confdir)]
    config.html_static_path = [*config.html_static_path, os.path.relpath(HERE / "static", app.confdir)]


def escape_page_title(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Sphinx-book-theme prints a page's title as it is, and a visit may bring markup into one. (`html-page-context`.)"""
    if "pagetitle" in context:
        context["pagetitle"] = html.escape(context["pagetitle"])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension."""
    # What is loaded stays to the end: walking it again and again cost a fifth of a build with nothing changed.
    gc.freeze()
    app.setup_extension("myst_nb")
    values: dict[str, tuple[Any, Literal["", "env", "html"], type, str]] = {
        "roadshow_visit": ("visits/neutral.toml", "env", str, "The file of the visit that the site is built for."),
        "roadshow_segments": ("talks/segments", "env", str, "The folder of the segments; the decks are in the one above it."),
        "roadshow_evidence": ("evidence", "env", str, "The folder of the tables of evidence."),
        "roadshow_tools": ([], "env", list, "Tools of which an adopter has to have one to be shown among the nearest."),
        "roadshow_address": ("", "env", str, ""),
        "roadshow_deck_css": ([], "env", list, "Style sheets of the decks, in a static folder."),
        "roadshow_trusted": (False, "", bool, "Whether the visit may name data outside the project, and a cluster."),
        "roadshow_preload": ([], "", list, "Modules that each kernel finds imported."),
        "roadshow_card_fonts": (
            [],
            "html",
            list,
            "The bold and the regular font of the pages' cards; without them there are none.",
        ),
        "roadshow_moved": ({}, "html", dict, "Pages that moved, each with the page that is in its place."),
        "roadshow_public": (False, "env", bool, "Whether the site is for the public: nothing of a visit is in it then."),
    }
    for name, (default, rebuild, kind, description) in values.items():
        app.add_config_value(name, default, rebuild, types=frozenset({kind}), description=description)
    for module in (access, nodes, directives, answers, claims, mathml, numbers, reference, visits, words, faults):
        module.setup(app)
    app.add_css_file("icons.css")
    app.connect("config-inited", public.withhold_visit)
    app.connect("config-inited", check_inputs)
    app.connect("config-inited", add_own_files)
    app.connect("config-inited", takeaway.leave_notebooks_out)
    app.connect("env-get-outdated", execution.run_outdated_pages)
    app.connect("doctree-read", foot.label_recorded)
    app.connect("doctree-read", takeaway.say_where)
    app.connect("doctree-read", outputs.translate_outputs)
    app.connect("doctree-read", outputs.note_figures)
    app.connect("doctree-read", outputs.keep_measured_out)
    app.connect("env-updated", changed.find_changed)
    app.connect("html-page-context", changed.say_changed)
    app.connect("html-page-context", foot.add_foot)
    app.connect("html-page-context", sharing.add_tags)
    app.connect("env-check-consistency", decks.check_all)
    app.connect("doctree-resolved", decks.write_running_orders)
    app.connect("doctree-resolved", decks.write_attempts)
    app.connect("doctree-resolved", foot.label_parts)
    app.connect("html-collect-pages", assembly.write_decks)
    app.connect("html-collect-pages", serving.write_moved)
    app.connect("html-page-context", escape_page_title, priority=900)
    app.connect("build-finished", serving.anchor_not_found)
    app.connect("build-finished", serving.write_sitemap)
    app.connect("build-finished", weight.say_weight)
    # The theme writes the colours of code at the end of the build, too.
    app.connect("build-finished", policies.add_policies, priority=900)
    app.connect("build-finished", takeaway.write_takeaways)
    app.connect("build-finished", outputs.write_templates)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
