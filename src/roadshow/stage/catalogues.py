"""Bring the catalogues of the translations up to date with what pages, slides and tables say now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from roadshow.catalogue import FIGURES, INTERFACE, OUTPUTS, TABLES, read_catalogue
from roadshow.deck import read_segments
from roadshow.evidence import STAGES, question_files, read_adopters, read_counter_evidence, read_questions
from roadshow.stage import StageError
from roadshow.stage.files import written
from roadshow.visit_file import read_visit

WRITTEN_IN = [("**.py", "python"), ("**.html", "jinja2"), ("**.js", "javascript")]

HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
"""Of Babel's own, what does not change with the day."""


def update(templates: Path, locales: Path, sources: Path, visit: Path, begun: list[str]) -> Iterator[Path]:
    """Update each catalogue of each language, and begin those of the pages `begun`; gives the files.

    Args:
        templates: what ``sphinx-build -b gettext`` wrote: a ``.pot`` for each page.
        locales: a folder for each language, as in Sphinx's `locale_dirs`.
        sources: the project, with the folders ``evidence`` and ``talks/segments``.
        visit: the visit whose words are translated too.
        begun: pages, such as ``guide/presenting``, that are translated from now on.

    Raises:
        StageError: there is no such page, or no language.
    """
    if lost := [page for page in begun if not (templates / f"{page}.pot").exists()]:
        raise StageError(f"there is no page {', '.join(lost)}; write it as guide/presenting, without .md")
    if not (languages := [folder for folder in sorted(locales.glob("*")) if folder.is_dir()]):
        raise StageError(f"there is no language in {locales}; make a folder with its code, such as {locales}/fr")
    own = {INTERFACE: _template(_written()), TABLES: _template(_from_tables(sources, visit))}
    for language in languages:
        folder = language / "LC_MESSAGES"
        kept = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.po")}
        for name in (OUTPUTS, FIGURES):
            own[name] = _of_pages(_read_if_there(templates / f"{name}.pot"), {*kept, *begun})
        for page in sorted({*kept, *begun, *own}):
            template = own[page] if page in own else _read_if_there(templates / f"{page}.pot")
            path = folder / f"{page}.po"
            catalogue = read_catalogue(path) if page in kept else Catalog(locale=language.name)
            catalogue.update(template)
            path.parent.mkdir(parents=True, exist_ok=True)
            with written(path) as draft, draft.open("wb") as file:
                file.write(HEADER.format(language=language.name).encode())
                write_po(file, catalogue, width=0, omit_header=True, ignore_obsolete=True)
            yield path


def _read_if_there(path: Path) -> Catalog:
    """What a page says; one that is gone says nothing."""
    return read_catalogue(path) if path.exists() else Catalog()


def _of_pages(catalogue: Catalog, pages: set[str]) -> Catalog:
    """What of a catalogue stands on some of the pages that it names."""
    return _template(str(message.id) for message in catalogue if pages & {page for page, _ in message.locations})


def _template(texts: Iterable[str]) -> Catalog:
    made = Catalog()
    for text in dict.fromkeys(texts):
        made.add(text)
    return made


def _written() -> Iterator[str]:
    """What the extension writes itself."""
    for _, _, message, *_ in extract_from_dir(Path(__file__).parents[1] / "sphinx", WRITTEN_IN, keywords={"_": None}):
        assert isinstance(message, str)
        yield message


def _from_tables(sources: Path, visit: Path) -> Iterator[str]:
    """What slides show of the tables of evidence, of the segments' front matter and of the visit."""
    about = read_visit(visit)
    yield from filter(lambda text: text != "-", (about.institution.name, about.visit.shown))
    for visitor in about.visitors.values():
        yield from (visitor.name, visitor.line)
    yield from ("full", "brief", *STAGES)
    yield from (segment.attempt for segment in read_segments(sources / "talks/segments").values() if segment.attempt)
    for question in read_questions(*question_files(sources / "evidence").values()).values():
        yield from filter(None, (question.group, question.question, question.answer, question.caveat))
    for row in read_adopters(sources / "evidence/adopters.csv").values():
        yield from filter(None, (row.institution, row.statement, row.country, row.caveat))
        yield from () if row.year.replace("-", "").isdigit() else (row.year,)
    for fact in read_counter_evidence(sources / "evidence/counter_evidence.csv").values():
        yield from (fact.counter_fact, fact.advice)
