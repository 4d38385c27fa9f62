"""The page of the visit (timetable, meetings, countdown, calendars), the reference of its file, and what stands beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri
from sphinx.writers.html5 import HTML5Translator

from roadshow import schema
from roadshow.csv_table import TableError
from roadshow.evidence import Question, read_questions
from roadshow.ics import Person, calendars, last_change, people, recording
from roadshow.letters import Letter, LetterError, letters
from roadshow.sphinx.decks import Talk, decks, talks
from roadshow.sphinx.directives import question_tables, visit_file
from roadshow.sphinx.parts import bullets, paragraph, section, table
from roadshow.timeline import Plan, PlanError, Step, Task, countdown, expected, in_words, read_plan
from roadshow.visit import Host, Meeting, Visit
from roadshow.visit_file import read_visit

FOLDER = "visit"
"""Where the calendars are, in the site."""


class visit_heading(nodes.General, nodes.Element):
    """Whose name and dates become the title of the page; never written."""


class isolated(nodes.inline):
    """A name or a room, in the direction of its own script."""


class moment(nodes.inline):
    """A time, with `datetime` for machines."""


class fold(nodes.General, nodes.Element):
    """What is there when one unfolds it; `summary` says what."""


class slides_link(nodes.inline):
    """A link to the slides of a meeting, or to one of them, filled in when every deck is known."""


def plan_file(env: BuildEnvironment) -> Path:
    """The file of what the playbook says of every visit."""
    return Path(env.srcdir, env.config.roadshow_plan)


def letter_folder(env: BuildEnvironment) -> Path:
    """Where the templates of the letters are."""
    return Path(env.srcdir, env.config.roadshow_letters)


class _VisitDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        for path in (visit_file(self.env), plan_file(self.env), Path(__file__)):
            self.env.note_dependency(str(path))
        try:
            return list(self.shown(read_visit(visit_file(self.env)), read_plan(plan_file(self.env))))
        except (PlanError, TableError, LetterError) as error:
            raise self.error(str(error)) from None

    def shown(self, visit: Visit, plan: Plan) -> Iterator[nodes.Node]:
        raise NotImplementedError

    def calendar(self, file: str, text: nodes.Node | None = None) -> nodes.reference:
        """A link to a calendar."""
        return nodes.reference(
            "", "", text or nodes.Text("Calendar"), refuri=relative_uri(self.env.docname, f"{FOLDER}/{file}.ics")
        )


class VisitDirective(_VisitDirective):
    """The institution and the dates as the title of the page; where, in which languages, and the rules of the house."""

    def shown(self, visit: Visit, plan: Plan) -> Iterator[nodes.Node]:
        yield visit_heading("", _name(visit.called), nodes.Text(" · "), _name(visit.when))
        if visit_file(self.env) == Path(self.env.srcdir, self.config.values["roadshow_visit"].default):
            text = "This is the example that the public site shows: it names nobody, and its dates are made up."
            yield nodes.note("", nodes.paragraph(text=text))
        elif visit.visit.shown != "-":
            below = ". The days and hours below are those of the file, where they may be assumed."
            yield paragraph("The slides show the dates as ", _name(visit.visit.shown), below)
        if visit.visit.account:
            account = nodes.reference("", "published account", refuri=visit.visit.account)
            yield paragraph("There is a ", account, " of this visit.")
        house = visit.institution
        yield paragraph(*_comma([house.name, house.city, house.country]), f". All times are local there ({house.timezone}).")
        yield paragraph("The visitors speak ", *_comma(visit.visit.languages), ".")
        yield nodes.rubric("", "Rules of the house", **{"heading-level": 2})
        consent = ["Whoever is seen or heard in a recording agrees in writing first."] if visit.rules.recording_consent else []
        yield bullets(map(paragraph, [*_network(visit), *consent, *map(_name, visit.rules.others)]))


def _network(visit: Visit) -> Iterator[str]:
    yield (
        "The rooms have a network that reaches the outside."
        if visit.rules.outside_network
        else "No network reaches the outside: carry what you show."
    )
    yield (
        "Your own laptops may join their network."
        if visit.rules.personal_laptops
        else "Your own laptops may not join their network."
    )


NO_MEETINGS = "This visit has no meetings yet. Write them into its file, and build again."


class TimetableDirective(_VisitDirective):
    """The meetings, a table for each day; then the same for each person."""

    def shown(self, visit: Visit, plan: Plan) -> Iterator[nodes.Node]:
        if not visit.meetings:
            yield nodes.paragraph(text=NO_MEETINGS)
            return
        for day, meetings in groupby(visit.timetable, lambda meeting: meeting.start.date()):
            rows = [_day_row(visit, plan, meeting) for meeting in meetings]
            yield section(f"day-{day}", [_time(day)], table(["Time", "Meeting", "Where and who"], rows, [3, 5, 5], "timetable"))
        yield section("by-person", ["By person"], *(self.person(visit, plan, person) for person in people(visit)))

    def person(self, visit: Visit, plan: Plan, person: Person) -> nodes.section:
        """Where somebody is when."""
        facts = [self.calendar(f"people/{person.file}"), *([", ", _name(person.table.contact)] if person.table.contact else [])]
        group = [", ", _name(person.table.group)] if isinstance(person.table, Host) else []
        rows = [_person_row(visit, plan, meeting) for meeting in person.meetings]
        named = (
            table(["When", "Meeting and place"], rows, [1, 2], "timetable")
            if rows
            else nodes.paragraph(text="At none of the meetings.")
        )
        kind = "host" if isinstance(person.table, Host) else "visitor"
        return section(f"{kind}-{person.table.key}", [_name(person.table.name), *group], paragraph(*facts), named)


def _day_row(visit: Visit, plan: Plan, meeting: Meeting) -> list[nodes.Node]:
    where = nodes.container("", *_place_line(meeting), paragraph(*_who(visit, meeting)))
    return [paragraph(*_hours(visit, meeting)), _meeting_link(plan, meeting), where]


def _person_row(visit: Visit, plan: Plan, meeting: Meeting) -> list[nodes.Node]:
    when = paragraph(_time(meeting.start.date(), short=True), ", ", *_hours(visit, meeting))
    return [when, nodes.container("", _meeting_link(plan, meeting), *_place_line(meeting))]


def _place(meeting: Meeting) -> list[nodes.Node | str]:
    """The room and the call, as far as they are settled."""
    room: list[nodes.Node | str] = [_name(meeting.room)] if meeting.room else []
    call = [nodes.reference("", "call", refuri=meeting.call)] if meeting.call else []
    return [*room, *([", "] if room and call else []), *call]


def _place_line(meeting: Meeting) -> list[nodes.paragraph]:
    return [paragraph(*parts)] if (parts := _place(meeting)) else []


def _meeting_link(plan: Plan, meeting: Meeting) -> nodes.paragraph:
    title = _title(plan, meeting)
    return paragraph(nodes.reference("", "", *title, refid=f"meeting-{meeting.key}", internal=True))


def _title(plan: Plan, meeting: Meeting) -> list[nodes.Node]:
    return [nodes.Text(f"{plan.step(meeting).title}: "), _name(meeting.group)]


def _who(visit: Visit, meeting: Meeting) -> Iterator[nodes.Node | str]:
    return _comma(
        [*(visit.visitors[key].name for key in visit.present(meeting)), *(visit.hosts[key].name for key in meeting.hosts)]
    )


class MeetingsDirective(_VisitDirective):
    """A section for each meeting: why, who, when and where, what is shown, what to have ready, what they will ask."""

    def shown(self, visit: Visit, plan: Plan) -> Iterator[nodes.Node]:
        self.env.metadata[self.env.docname]["meetings"] = True
        tables = {}
        for name, path in question_tables(self.env).items():
            self.env.note_dependency(str(path))
            tables[name] = list(read_questions(path).values())
        for meeting in visit.timetable:
            asked = expected(plan.questions(meeting), tables)
            yield section(f"meeting-{meeting.key}", _title(plan, meeting), *self.meeting(visit, plan, meeting, asked))
        if not visit.meetings:
            yield nodes.paragraph(text=NO_MEETINGS)

    def meeting(self, visit: Visit, plan: Plan, meeting: Meeting, asked: list[Question]) -> Iterator[nodes.Node]:
        """What is to be known of a meeting."""
        step = plan.step(meeting)
        guide = nodes.reference("", f"Step {meeting.step} in the guide", refuri=self.guide(step), internal=True)
        when = [_time(meeting.start.date()), ", ", *_hours(visit, meeting), f", {meeting.minutes} minutes"]
        first = ["; ", _name(visit.visitors[meeting.first].name), " speaks first"] if meeting.first else []
        facts = {
            "When": [*when, " (", self.calendar(f"meetings/{meeting.key}"), ")"],
            "Where": _place(meeting) or ["Not settled yet"],
            "Who": [*_who(visit, meeting), *first],
            "Audience": [plan.audiences[meeting.audience].who] if meeting.audience in plan.audiences else [],
            "For the visitors": [step.visitors],
            "For the hosts": [step.hosts],
            "Slides": [slides_link("", meeting.deck, meeting=meeting.key)] if meeting.deck else [],
            "Rules": [" ".join([recording(visit, meeting), *(_network(visit) if meeting.deck else [])])],
            "To know": [_name(meeting.remarks)] if meeting.remarks else [],
            "How": [guide],
        }
        yield _definitions(((term, [paragraph(*what)]) for term, what in facts.items() if what), "facts")
        yield _checklist(step.checklist)
        if asked:
            answers = _definitions(_answers(meeting, asked), "questions")
            yield fold("", answers, summary=f"Questions to expect ({len(asked)})", classes=["fold"])

    def guide(self, step: Step) -> str:
        """The address of a step's page, which stands beside the plan."""
        return relative_uri(self.env.docname, Path(self.config.roadshow_plan).with_name(step.page).as_posix()) + ".html"


def _ucfirst(text: str) -> str:
    return text[:1].upper() + text[1:]


def _answers(meeting: Meeting, asked: Iterable[Question]) -> Iterator[tuple[nodes.Node, list[nodes.Node]]]:
    """Each question, which leads to its slide where the meeting has slides, with its answer, which leads to its source."""
    for question in asked:
        but = f" But: {question.caveat}" if question.caveat else ""
        source = nodes.reference("", question.source_title, refuri=question.source_url)
        shown = (
            slides_link("", question.question, meeting=meeting.key, slide=question.id)
            if meeting.deck
            else nodes.Text(question.question)
        )
        yield shown, [paragraph(f"{question.answer}{but} (", source, f", {question.year})")]


class CountdownDirective(_VisitDirective):
    """The weeks before, of and after the visit: what is done, and by which role."""

    def shown(self, visit: Visit, plan: Plan) -> Iterator[nodes.Node]:
        weeks = countdown(plan, visit)
        yield _definitions(((_week(week.number, week.day), [bullets(map(_task, week.tasks))]) for week in weeks), "countdown")


def _week(number: int, day: date) -> nodes.inline:
    if number == 0:
        return nodes.inline("", "", nodes.Text("The visit, from "), _time(day))
    weeks = f"{abs(number)} week{'s' if abs(number) > 1 else ''}"
    said = f"{weeks} before, from " if number < 0 else f"{weeks} after, by "
    return nodes.inline("", "", nodes.Text(said), _time(day))


def _task(task: Task) -> nodes.paragraph:
    letter = [" (", nodes.reference("", "letter", refid=f"letter-{task.letter}", internal=True), ")"] if task.letter else []
    return paragraph(nodes.strong(text=f"{_ucfirst(task.owner)}: "), task.what, *letter)


class LettersDirective(_VisitDirective):
    """The letters and sheets of the visit, each folded up, as text to paste."""

    def shown(self, visit: Visit, plan: Plan) -> Iterator[nodes.Node]:
        talks = Path(self.env.srcdir, self.config.roadshow_segments).parent
        pages = [talks / f"{meeting.deck}.md" for meeting in visit.timetable if meeting.deck]
        for path in [*letter_folder(self.env).glob("*.jinja"), *(page for page in pages if page.exists())]:
            self.env.note_dependency(str(path))
        for letter in letters(visit, letter_folder(self.env), talks):
            yield fold("", *_letter(letter), summary=letter.title, ids=[f"letter-{letter.name}"], classes=["fold"])


def _letter(letter: Letter) -> Iterator[nodes.Node]:
    paper = "; on paper too" if letter.paper else ""
    yield paragraph(f"{_ucfirst(letter.to)}; ", _week(letter.week, letter.day), f"{paper}.")
    if letter.left_out:
        yield nodes.paragraph(text=f"This visit needs none: {letter.left_out}")
    else:
        yield nodes.literal_block(letter.text, letter.text, language="text")


class TakeawaysDirective(_VisitDirective):
    """What each side takes away."""

    def shown(self, visit: Visit, plan: Plan) -> Iterator[nodes.Node]:
        sides = {"The visitors": plan.takeaways.visitors, "The hosts": plan.takeaways.hosts}
        yield _definitions(((side, [bullets(map(paragraph, lines))]) for side, lines in sides.items()), "takeaways")


class CalendarsDirective(_VisitDirective):
    """The calendars of the whole visit and of each person."""

    def shown(self, visit: Visit, plan: Plan) -> Iterator[nodes.Node]:
        persons = (paragraph(self.calendar(f"people/{person.file}", _name(person.table.name))) for person in people(visit))
        yield bullets([paragraph(self.calendar(visit.name, nodes.Text("The whole visit"))), *persons], "calendars")


def _name(text: str) -> isolated:
    """A text of the visit file, as it stands there."""
    return isolated("", text, support_smartquotes=False)


def _comma(names: Iterable[str]) -> Iterator[nodes.Node | str]:
    for index, name in enumerate(names):
        yield from [", "] if index else []
        yield _name(name)


def _time(day: date, *, short: bool = False) -> moment:
    words = in_words(day)
    return moment("", f"{words[:3]} {day.day} {words.split()[2][:3]}" if short else words, datetime=day.isoformat())


def _hours(visit: Visit, meeting: Meeting) -> Iterator[nodes.Node | str]:
    """From when to when, by the clock on the wall; an end on another day says which."""
    start, end = visit.span(meeting)
    if end.date() == start.date():
        yield nodes.inline("", "", _clock(start), nodes.Text("–"), _clock(end), classes=["hours"])
    else:
        yield from [_clock(start), " – ", _time(end.date(), short=True), ", ", _clock(end)]


def _clock(when: datetime) -> moment:
    return moment("", f"{when:%H:%M}", datetime=when.isoformat())


def _checklist(lines: Iterable[str]) -> nodes.bullet_list:
    box = '<input class="task-list-item-checkbox" disabled="disabled" type="checkbox">'
    items = (paragraph(nodes.raw("", box, format="html"), line) for line in lines)
    return nodes.bullet_list(
        "", *(nodes.list_item("", item, classes=["task-list-item"]) for item in items), classes=["contains-task-list"]
    )


def _definitions(entries: Iterable[tuple[nodes.Node | str, list[nodes.Node]]], name: str) -> nodes.definition_list:
    items = (
        nodes.definition_list_item(
            "", nodes.term("", "", nodes.Text(term) if isinstance(term, str) else term), nodes.definition("", *blocks)
        )
        for term, blocks in entries
    )
    return nodes.definition_list("", *items, classes=[name])


class VisitHeadingTransform(SphinxTransform):
    """Put the institution and the dates in the place of the title of the page."""

    default_priority = 500

    def apply(self, **kwargs: object) -> None:
        for heading in list(self.document.findall(visit_heading)):
            title = self.document.next_node(nodes.title)
            if title is not None:
                title.clear()
                title += heading.children
            heading.parent.remove(heading)


def meeting_slides(env: BuildEnvironment) -> dict[str, Talk]:
    """The talk that is told at each meeting that has one, by the meeting."""
    return {talk.meeting.key: talk for talk in talks(env) if talk.meeting}


def pages_of_meetings(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages of meetings to write again, since a deck that they speak of was read after them. (`env-updated`.)"""
    read = [Path(app.doctreedir, f"{page}.doctree").stat().st_mtime for page in decks(env)]
    shown = {page: Path(app.outdir, app.builder.get_target_uri(page)) for page, data in env.metadata.items() if "meetings" in data}
    return [page for page, path in shown.items() if path.exists() and any(time > path.stat().st_mtime for time in read)]


def link_slides(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Let the links to slides lead there; without slides the text stays. (`doctree-resolved`.)"""
    links = list(doctree.findall(slides_link))
    told = meeting_slides(app.env) if links else {}
    for link in links:
        talk = told.get(link["meeting"])
        if talk is None:
            link.replace_self(link.children)
            continue
        uri = app.builder.get_relative_uri(page, talk.slides)
        if "slide" in link:
            link.replace_self(nodes.reference("", link.astext(), refuri=f"{uri}#/{link['slide']}"))
            continue
        about = nodes.reference(
            "", app.env.titles[talk.page].astext(), refuri=app.builder.get_relative_uri(page, talk.page), internal=True
        )
        fitted = nodes.Text(f"; {talk.fitted}" if talk.fitted.changed else "")
        link.replace_self([nodes.reference("", "Open the slides", refuri=uri), nodes.Text(", "), about, fitted])


def write_files(app: Sphinx, exception: Exception | None) -> None:
    """Leave the calendars and the schema beside the site, and none of another visit. (`build-finished`.)"""
    if exception or not isinstance(app.builder, StandaloneHTMLBuilder) or not plan_file(app.env).exists():
        return
    file = visit_file(app.env)
    made = calendars(read_visit(file), read_plan(plan_file(app.env)), last_change(file))
    folder = Path(app.outdir, FOLDER)
    wanted = {folder / name: content for name, content in made.items()}
    for former in set(folder.rglob("*.ics")) - set(wanted):
        former.unlink()
    wanted[Path(app.outdir, schema.FILE)] = schema.schema_text().encode()
    for path, content in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _visit_isolated(self: HTML5Translator, node: isolated) -> None:
    self.body.append('<span dir="auto">')


def _depart_isolated(self: HTML5Translator, node: isolated) -> None:
    self.body.append("</span>")


def _visit_moment(self: HTML5Translator, node: moment) -> None:
    self.body.append(self.starttag(node, "time", "", datetime=node["datetime"]))


def _depart_moment(self: HTML5Translator, node: moment) -> None:
    self.body.append("</time>")


def _visit_fold(self: HTML5Translator, node: fold) -> None:
    self.body.append(self.starttag(node, "details"))
    self.body.append(f"<summary>{self.encode(node['summary'])}</summary>")


def _depart_fold(self: HTML5Translator, node: fold) -> None:
    self.body.append("</details>\n")


def setup(app: Sphinx) -> None:
    """Register the directives, their nodes, and what is done once every deck is known."""
    said = {"plan": "The file of what the playbook says of every visit.", "letters": "The folder of the templates of the letters."}
    app.add_config_value("roadshow_plan", "guide/plan.toml", "env", types=frozenset({str}), description=said["plan"])
    app.add_config_value("roadshow_letters", "letters", "env", types=frozenset({str}), description=said["letters"])
    app.add_node(isolated, html=(_visit_isolated, _depart_isolated))
    app.add_node(moment, html=(_visit_moment, _depart_moment))
    app.add_node(fold, html=(_visit_fold, _depart_fold))
    app.add_directive("visit", VisitDirective)
    app.add_directive("timetable", TimetableDirective)
    app.add_directive("meetings", MeetingsDirective)
    app.add_directive("countdown", CountdownDirective)
    app.add_directive("letters", LettersDirective)
    app.add_directive("takeaways", TakeawaysDirective)
    app.add_directive("calendars", CalendarsDirective)
    app.add_transform(VisitHeadingTransform)
    app.connect("env-updated", pages_of_meetings)
    app.connect("doctree-resolved", link_slides)
    app.connect("build-finished", write_files)
