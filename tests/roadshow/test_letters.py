"""The letters of a visit: every field that they use exists, they read well for any visit, and no value becomes markup."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import nodes
from pydantic import BaseModel

from roadshow.letters import FILTERS, SUFFIX, Facts, Letter, LetterError, environment, escaped, isolated, letters, print_html
from roadshow.timeline import read_plan
from roadshow.visit import Visit, private_texts
from roadshow.visit_file import parse_visit, read_visit

ROOT = Path(__file__).parents[2]
TEMPLATES, TALKS = ROOT / "letters", ROOT / "talks"
NAMES = sorted(path.name.removesuffix(SUFFIX) for path in TEMPLATES.glob(f"*{SUFFIX}"))
NEUTRAL = (ROOT / "visits" / "neutral.toml").read_text(encoding="utf-8")
HEAD = NEUTRAL[: NEUTRAL.index("[hosts.ally]")]
HOSTS = NEUTRAL[NEUTRAL.index("[hosts.ally]") : NEUTRAL.index("[meetings.allies]")]

HOSTILE = (
    "<script>alert('x')</script> {{ 7*7 }}{% raw %} *b* _i_ [l](javascript:x) <b> `c` & &amp; # 1. | \\ Ōtepoti 筑波 שלום عربي O'B"
)
REFERENCES = {"kind", "region", "timezone", "audience", "deck", "first", "hosts", "visitors"}


def visit(text: str) -> Visit:
    read, faults = parse_visit(text, Path("made-up.toml"))
    assert faults == []
    return read


def written(of: Visit) -> dict[str, Letter]:
    return {letter.name: letter for letter in letters(of, TEMPLATES, TALKS)}


def _full() -> dict[str, Any]:
    """The neutral visit with every text that a visit can have."""
    data = tomllib.loads(NEUTRAL)
    data["institution"] |= {"short_name": "Yours", "aliases": ["Theirs"]}
    data["visit"] |= {"languages": ["English", "Welsh"]}
    data["rules"]["others"] = ["No sticks"]
    for table in (*data["visitors"].values(), *data["hosts"].values()):
        table["contact"] = "a contact"
    for meeting in data["meetings"].values():
        meeting |= {"room": "A room", "call": "https://example.org/call", "remarks": "Remarks", "recorded": meeting["step"] < 4}
    return data


def _each_text(value: Any, change: Callable[[str], str], key: str = "") -> Any:
    """The same tables with every text changed but those that name something."""
    if key in REFERENCES and not isinstance(value, dict):
        return value
    if isinstance(value, dict):
        return {name: _each_text(inner, change, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_each_text(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def full() -> Visit:
    return Visit.model_validate(_full())


def hostile() -> Visit:
    data = _each_text(_full(), lambda text: f"{text} {HOSTILE}")
    data["hosts"]["ally"]["hopes"] = f"Two lines\n\n    of {HOSTILE}"
    data["meetings"]["it"]["room"] = "Room" * 75
    return Visit.model_validate(data)


def many() -> Visit:
    meetings = [
        f"""
        [meetings.m{number}]
        step = {1 + number % 7}
        group = "Group {number}"
        audience = "{["allies", "it", "broad", "hpc", "maintainers", "developers", "executives"][number % 7]}"
        start = {datetime(2027, 5, 11, 8) + timedelta(minutes=30 * number)}
        minutes = 30
        recorded = {str(number % 2 == 0).lower()}
        """
        for number in range(40)
    ]
    return visit(HEAD + HOSTS + "".join(meetings))


def alone() -> Visit:
    return visit(HEAD[: HEAD.index("[visitors.scientist]")])


def one_talk(more: str = "", hosts: str = "") -> Visit:
    start = 'start = 2027-05-11T13:00:00\nminutes = 60\ngroup = "All"\naudience = "broad"\nstep = 3\n'
    return visit(f"{HEAD}{hosts}\n[meetings.only]\n{start}{more}")


VISITS: dict[str, Callable[[], Visit]] = {
    **{path.stem: lambda path=path: read_visit(path) for path in ROOT.glob("visits/*.toml")},
    **{path.stem: lambda path=path: read_visit(path) for path in ROOT.glob("tests/visits/*.toml")},
    "full": full,
    "hostile": hostile,
    "many": many,
    "alone": alone,
    "nothing planned": lambda: visit(HEAD + HOSTS),
    "one talk": one_talk,
    "one talk and nobody": lambda: one_talk("visitors = []"),
    "one talk of half the time": lambda: one_talk('talk = 30\ndeck = "science-first"\nrecorded = true', HOSTS),
}


@pytest.mark.parametrize("name", VISITS)
def test_no_letter_prints_an_empty_sentence(name):
    for letter in written(VISITS[name]()).values():
        if letter.left_out:
            assert letter.left_out.endswith(".")
            assert letter.text == letter.html == ""
            continue
        text = letter.text.replace(HOSTILE, "X")
        assert re.findall(r"None|Undefined| [.,;:]|\.\.|,,|  |\(\)|[,;:] ?\.", text) == []
        # Every heading has something below it, and no list or sentence ends in nothing.
        assert re.findall(r"^(?:#+ .*|[A-Z][A-Z, ]{6,})\n\n(?:#|[A-Z]{2,} [A-Z]{2,}|\Z)", text, re.MULTILINE) == []
        assert re.findall(r"^- *$|:\n\n(?:#|\Z)", text, re.MULTILINE) == []
        assert text == text.strip() + "\n"
        assert bool(letter.html) is letter.paper


def test_the_letters_are_those_of_the_readme_and_of_the_countdown():
    made = written(full())
    assert [letter.left_out for letter in made.values()] == [""] * len(made)
    rows = re.findall(
        r"^\| `(.+?)` \| (.+?) \| (\d+) weeks? (before|after) \| (yes|no) \|$", (TEMPLATES / "README.md").read_text(), re.M
    )
    stated = {name: (to, int(weeks) * (1 if side == "after" else -1), paper == "yes") for name, to, weeks, side, paper in rows}
    assert stated == {name: (letter.to, letter.week, letter.paper) for name, letter in made.items()}
    assert list(stated) == list(made)
    countdown = {task.letter: task.week for task in read_plan(ROOT / "guide" / "plan.toml").countdown if task.letter}
    assert countdown.items() <= {name: letter.week for name, letter in made.items()}.items()
    assert {name for name, letter in made.items() if letter.paper} == {
        "poster",
        "executive-page",
        "room-checklist",
        "recording-consent",
    }


def test_dates_are_in_words_with_the_day_of_the_week():
    made = written(visit(NEUTRAL))
    assert made["to-the-allies"].day == date(2027, 4, 5)
    # 11 May 2027 is a Tuesday; the questionnaire is answered four weeks before that week's Monday.
    assert f"{date(2027, 5, 11):%A %d %B %Y}" == "Tuesday 11 May 2027"
    assert f"{date(2027, 5, 10) - timedelta(weeks=4):%A %d %B %Y}" == "Monday 12 April 2027"
    assert "Our visit, Tuesday 11 May to Wednesday 12 May 2027" in made["to-the-allies"].text
    assert "answers to twelve questions by Monday 12 April 2027" in made["to-the-allies"].text
    assert f"By {date(2027, 5, 12) + timedelta(weeks=2):%A %d %B %Y}: half an hour on a call" in made["follow-up"].text
    assert f"such as {date(2027, 5, 12) + timedelta(weeks=13):%A %d %B %Y}." in made["executive-page"].text
    lines = made["to-the-allies"].text.splitlines()
    hours = [line.split(": ")[0] for line in lines if re.match(r"- \d\d:", line)]
    assert hours[:3] == ["- 09:00–10:00", "- 10:15–11:15", "- 13:00–14:00"]
    assert len(hours) == 10
    assert lines.index("Tuesday 11 May 2027") < lines.index("Wednesday 12 May 2027")


def test_hours_hold_across_midnight_and_a_change_of_the_clocks():
    made = written(read_visit(ROOT / "tests" / "visits" / "southern-service.toml"))
    # Summer time ends there on 4 April 2027 at three: six hours from ten in the evening end at three, not at four.
    assert "- 22:00–Sunday 4 April 2027, 03:00: Whoever likes to come." in made["to-the-allies"].text


def test_the_house_rules_change_what_is_asked():
    strict, free = (
        written(visit(NEUTRAL)),
        written(
            visit(
                re.sub(
                    r"= (false|true)",
                    lambda told: f"= {'tf'[told[1] == 'true']}".replace("= t", "= true").replace("= f", "= false"),
                    HEAD,
                )
                + NEUTRAL[len(HEAD) :]
            )
        ),
    )
    assert "none in the rooms reaches the outside" in strict["to-the-allies"].text
    assert "the rooms have one that reaches the outside" in free["to-the-allies"].text
    assert "may not join your network" in strict["to-the-allies"].text
    assert "may join your network" in free["to-the-allies"].text
    assert "Our own laptops will not join yours." in strict["to-it"].text
    assert "A consent note follows" in strict["to-the-allies"].text
    assert "A consent note follows" not in free["to-the-allies"].text
    assert "asks for no consent in writing" in free["recording-consent"].left_out


@pytest.mark.parametrize(
    ("made", "left_out"),
    [
        (lambda: visit(NEUTRAL), set()),
        (one_talk, {"to-it", "recording-consent"}),
        (
            lambda: visit(HEAD + HOSTS),
            {"to-it", "abstract", "poster", "room-checklist", "recording-consent", "follow-up"},
        ),
    ],
)
def test_a_letter_that_a_visit_does_not_need_is_left_out_with_the_reason(made, left_out):
    assert {name: letter.left_out for name, letter in written(made()).items() if letter.left_out}.keys() == left_out
    assert "no broad talk" in written(alone())["poster"].left_out


def test_one_visitor_says_i_and_nobody_is_greeted_by_no_name():
    text = written(alone())["to-the-allies"].text
    assert re.search(r"\b(we|us|our)\b", re.sub("Let us|we do not know", "", text), re.IGNORECASE) is None
    assert "I need three things" in text
    assert text.splitlines()[2] == "Dear colleagues,"


def test_the_talk_has_the_title_of_its_page_and_the_order_of_its_speakers():
    title = (TALKS / "science-first.md").read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    made = written(visit(NEUTRAL))
    assert title in made["abstract"].text
    assert BeautifulSoup(made["poster"].html, "html.parser").h1.text == title
    assert "The scientist and The maintainer" in made["abstract"].text
    assert "With The maintainer and The scientist." in made["to-it"].text
    assert "The talk takes 45 minutes; the other 15 are yours." in made["to-it"].text
    assert "Questions at any time." in written(visit(NEUTRAL.replace("talk = 45", "talk = 60")))["to-it"].text


def test_a_deck_without_a_page_is_named():
    with pytest.raises(
        LetterError, match=re.escape("made-up.toml: [meetings.it] shows the deck 'it-frist', which has no page; write")
    ):
        written(visit(NEUTRAL.replace('"it-first"', '"it-frist"')))


def test_a_folder_without_letters_is_named(tmp_path):
    with pytest.raises(LetterError, match="there are no letters in this folder"):
        letters(visit(NEUTRAL), tmp_path, TALKS)


def test_values_stand_in_the_text_as_they_are():
    made = written(hostile())
    assert all("49" not in re.sub(r"\d\d:\d\d", "", letter.text) for letter in made.values())
    for name, values in {
        "to-the-allies": [f"Yours {HOSTILE}", f"your city {HOSTILE}", f"No sticks {HOSTILE}", f"A room {HOSTILE}", "Room" * 75],
        "to-it": [f"The maintainer {HOSTILE}", f"a contact {HOSTILE}", "Room" * 75],
        "abstract": [f"Writes the software; says how it fails. {HOSTILE}", f"English {HOSTILE}", f"Welsh {HOSTILE}"],
        "executive-page": [f"A month of waiting for one climatology {HOSTILE}"],
        "follow-up": [f"Those who run the machines {HOSTILE}"],
        "report-home": [f"Your institution {HOSTILE}", f"your country {HOSTILE}"],
        "thanks": [f"Dear \u2068The ally inside {HOSTILE}\u2069,"],
    }.items():
        assert [value for value in values if value not in made[name].text] == []
    assert f"Two lines of {HOSTILE}" in made["to-the-allies"].text


@pytest.mark.parametrize("name", ["poster", "executive-page", "room-checklist", "recording-consent"])
def test_no_value_becomes_markup_in_print(name):
    plain, bad = (BeautifulSoup(written(of)[name].html, "html.parser") for of in (full(), hostile()))
    assert [tag.name for tag in bad.find_all()] == [tag.name for tag in plain.find_all()]
    assert {tag.name for tag in bad.find_all()} <= {"h1", "h2", "p", "ul", "ol", "li", "strong", "input"}
    # What is printed says what is pasted: the marks of the template's own Markdown, and no others, are gone.
    text = re.sub(r"^(#+|- \[ \]|-|\d\.) |\*\*", "", written(hostile())[name].text, flags=re.MULTILINE)
    assert bad.get_text().split() == text.split()
    assert HOSTILE in bad.get_text()


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_an_escaped_text_is_read_back_as_it_was(text):
    html = BeautifulSoup(print_html(f"- **a** {escaped(text)} b"), "html.parser")
    assert [tag.name for tag in html.find_all()] == ["ul", "li", "strong"]
    assert html.li.get_text() == f"a {isolated(text)} b"


def test_the_report_home_holds_nothing_private():
    made = _each_text(_full(), lambda text: f"{text} ×")
    private = {text for _, text in private_texts(Visit.model_validate(made))}
    assert len(private) > 10
    report = written(Visit.model_validate(made))["report-home"].text
    assert "×" in report
    assert [text for text in private if text in report] == []


@dataclass
class _Loop:
    last: bool
    changed: Callable[[str], bool]


def _either(one: Any, other: Any) -> Any:
    """The type of what is one thing or else another; what may be empty is its own type where it is not."""
    kinds = {kind for value in (one, other) for kind in (get_args(value) if NoneType in get_args(value) else [value])} - {NoneType}
    return kinds.pop() if len(kinds) == 1 else other


RESULTS: dict[Any, Callable[[Any, list[Any]], Any]] = {
    nodes.Const: lambda node, parts: type(node.value),
    nodes.CondExpr: lambda node, parts: _either(parts[1], parts[2]),
    (nodes.TemplateData, nodes.Concat): lambda node, parts: str,
    (nodes.Not, nodes.Compare): lambda node, parts: bool,
    (nodes.Or, nodes.And): lambda node, parts: _either(*parts),
    (nodes.Add, nodes.Sub, nodes.Neg, nodes.Operand, nodes.Getitem): lambda node, parts: parts[0],
    nodes.Slice: lambda node, parts: slice,
    nodes.Pair: lambda node, parts: parts[1],
    nodes.Dict: lambda node, parts: dict[str, parts[0]],
}
"""The type of an expression, from the types of its parts."""


class Reader:
    """Reads the types of what a template uses, in every branch, and stops at a field that there is not."""

    def __init__(self, file: str) -> None:
        self.file = file

    def read(self, body: list[nodes.Node], names: dict[str, Any]) -> None:
        for node in body:
            match node:
                case nodes.Output():
                    for one in node.nodes:
                        self.type(one, names)
                case nodes.If():
                    self.type(node.test, names)
                    for branch in (node.body, *(one.body for one in node.elif_), node.else_):
                        self.read(branch, names)
                    for one in node.elif_:
                        self.type(one.test, names)
                case nodes.For():
                    inside = names | {node.target.name: self.item(self.type(node.iter, names), node), "loop": _Loop}
                    if node.test:
                        self.type(node.test, inside)
                    self.read(node.body, inside)
                case nodes.Assign():
                    names[node.target.name] = self.type(node.node, names)
                case nodes.Include():
                    assert (TEMPLATES / node.template.value).is_file()
                case _:
                    self.refuse(node, f"{type(node).__name__} is not read yet")

    def type(self, node: Any, names: dict[str, Any]) -> Any:
        parts = [self.type(one, names) for one in node.iter_child_nodes()]
        match node:
            case nodes.Name():
                return names[node.name] if node.name in names else self.refuse(node, f"there is no {node.name!r}")
            case nodes.Getattr():
                return self.attribute(parts[0], node.attr, node)
            case nodes.Getitem() if not isinstance(node.arg, nodes.Slice):
                return self.item(parts[0], node)
            case nodes.Call():
                return get_args(parts[0])[-1] if get_origin(parts[0]) else self.refuse(node, "what is no function is called")
            case nodes.Filter():
                return self.filtered(node, parts[0])
        found = next((of for kind, of in RESULTS.items() if isinstance(node, kind)), None)
        return found(node, parts) if found else self.refuse(node, f"{type(node).__name__} is not read yet")

    def filtered(self, node: nodes.Filter, value: Any) -> Any:
        match node.name:
            case "capitalize" | "upper" | "join":
                return str
            case "length":
                return int
            case "list":
                return list[self.item(value, node)]
            case "selectattr":
                self.attribute(self.item(value, node), node.args[0].value, node)
                return value
        return (
            get_type_hints(FILTERS[node.name])["return"] if node.name in FILTERS else self.refuse(node, f"no filter {node.name!r}")
        )

    def attribute(self, value: Any, name: str, node: nodes.Node) -> Any:
        if get_origin(value) is dict and name == "values":
            return Callable[[], list[get_args(value)[1]]]
        if isinstance(value, type) and (is_dataclass(value) or issubclass(value, BaseModel)):
            hints = get_type_hints(value)
            if name in hints and not name.startswith(("_", "model_")):
                return hints[name]
            if isinstance(held := getattr(value, name, None), property):
                return get_type_hints(held.fget)["return"]
        return self.refuse(node, f"{value} has no {name!r}")

    def item(self, value: Any, node: nodes.Node) -> Any:
        if get_origin(value) in {list, dict}:
            return get_args(value)[-1]
        return self.refuse(node, f"{value} has no items")

    def refuse(self, node: nodes.Node, why: str) -> Any:
        raise AssertionError(f"{self.file}:{node.lineno}: {why}")


def read_types(file: str, text: str) -> None:
    Reader(file).read(environment(TEMPLATES, isolated).parse(text).body, dict(get_type_hints(Facts)))


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.jinja")), ids=lambda path: path.name)
def test_every_field_that_a_template_uses_exists(path):
    read_types(path.name, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ visit.institution.nam }}", "Institution'> has no 'nam'"),
        ("{% if false %}{{ vist.name }}{% endif %}", "there is no 'vist'"),
        ("{% for slot in it %}{{ slot.meeting.rooom }}{% endfor %}", "Meeting'> has no 'rooom'"),
        ("{% for slot in it if slot.metting %}{% endfor %}", "Slot'> has no 'metting'"),
        ('{{ inviting | selectattr("hops") | list | names }}', "Host'> has no 'hops'"),
        ("{% for host in visit.hosts.values() %}{{ host.team }}{% endfor %}", "Host'> has no 'team'"),
        ('{{ "x" if days[0].slots[0].hosts[0].line else "" }}', "Host'> has no 'line'"),
        ("{{ visit._name }}", "Visit'> has no '_name'"),
    ],
)
def test_a_field_that_does_not_exist_is_found_where_nothing_is_rendered(text, message):
    with pytest.raises(AssertionError, match=re.escape(message)):
        read_types("x", text)


FRONT = "---\ntitle: T\nto: somebody\nweek: 1\npaper: true\n---\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (FRONT + "a\n\n{{ visit.nam }}\n", 9, "has no attribute 'nam'"),
        (FRONT + "{{ nobody }}\n", 7, "'nobody' is undefined"),
        (FRONT + "a\n{% if %}\n", 8, "Expected an expression"),
        (FRONT + "a\n{{ 1 // 0 }}\n", 8, "by zero"),
        (FRONT + "a\n{{ visit.institution.staff }}\n", 8, "a field that this visit leaves empty is printed; put an if around it"),
        (FRONT + "{{ visit.__class__.__mro__ }}\n", 7, "unsafe"),
        (FRONT + "\n{{ 'x' | nofilter }}\n", 8, "No filter named 'nofilter'"),
        (FRONT + '\n{% include "no.jinja" %}\n', 8, "no.jinja"),
        ("no front\n", 1, "there is no front matter; begin with --- and the keys title, to, week, paper"),
        (FRONT.replace("week: 1", "week: 53"), 1, "week: input should be less than or equal to 52"),
        (FRONT.replace("title: T", "title: [T"), 3, "the front matter is not valid YAML; mend that line"),
        (FRONT.replace("to: ", "too: "), 1, "to: field required"),
    ],
)
def test_a_template_that_fails_is_named_with_the_line(tmp_path, text, line, message):
    path = tmp_path / f"bad{SUFFIX}"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LetterError) as raised:
        letters(visit(NEUTRAL), tmp_path, TALKS)
    assert str(raised.value).startswith(f"{path}:{line}: ")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_failure_in_a_part_is_placed_in_the_part(tmp_path):
    (tmp_path / f"whole{SUFFIX}").write_text(FRONT + '{% include "_part.jinja" %}\n', encoding="utf-8")
    (tmp_path / "_part.jinja").write_text("\n\n{{ nothing }}\n", encoding="utf-8")
    with pytest.raises(LetterError, match=r"_part\.jinja:3: 'nothing' is undefined; mend the template"):
        letters(visit(NEUTRAL), tmp_path, TALKS)
