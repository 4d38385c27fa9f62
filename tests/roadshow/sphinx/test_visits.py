"""The page of the visit, the reference of its file, and what is written beside the site."""

import json
import shutil
import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from pydantic import BaseModel

from roadshow import schema
from roadshow.visit import Visit

ROOT = Path(__file__).parents[3]
HEAD = """
[institution]
name = "An institution by the sea"
short_name = "The sea"
kind = "university"
country = "a country"
region = "Oceania"
city = "a city"
timezone = "{zone}"

[visit]
start = {day}
end = {day}

[rules]
personal_laptops = true
others = ["Badges are worn"]

[visitors.maintainer]
name = "Visitor one"
line = "Speaks."
contact = "in the lobby"

[visitors.scientist]
name = "Visitor two"
line = "Listens."

[hosts.maintainer]
name = "Host one"
group = "The group of the host"
"""
PAGE = """
# The visit

```{visit}
```

## The timetable

```{timetable}
```

## The calendars

```{calendars}
```

## The meetings

```{meetings}
```

## The countdown

```{countdown}
```

## Letters

```{letters}
```

## Away

```{takeaways}
```
"""
QUESTIONS = """id,group,question,answer,caveat,segment,source_title,source_url,year,how_read
it01,security,Is <it> safe?,"It is, behind a wall.",Not without.,alpha,A paper,https://example.org/p,2024,excerpt
it02,deployment,Who starts it?,A queue.,,,A page,https://example.org/q,2025,excerpt
"""

PLAN = tomllib.loads((ROOT / "guide/plan.toml").read_text(encoding="utf-8"))
LETTERS = [task["letter"] for task in PLAN["countdown"] if "letter" in task]


def meeting(name, start, minutes, step=2, audience="it", group="IT", **more):
    lines = [f"step = {step}", f'group = "{group}"', f'audience = "{audience}"', f"start = {start}", f"minutes = {minutes}"]
    return "\n".join([f"\n[meetings.{name}]", *lines, *(f"{key} = {value}" for key, value in more.items()), ""])


TWO_DAYS = [
    meeting("it", "2027-05-11T10:15:00", 60, deck='"one"', first='"maintainer"', hosts='["maintainer"]', room='"Room 1"'),
    meeting("late", "2027-05-11T23:30:00", 60, step=7, audience="everyone", group="Whoever comes", visitors='["scientist"]'),
    meeting("plans", "2027-05-12T09:00:00", 120, step=6, audience="developers", recorded="true", remarks='"Bring chalk"'),
]


@pytest.fixture
def made(project):
    """A function that builds a site for a visit of these meetings, and gives back its page."""
    text = (project.root / "index.md").read_text(encoding="utf-8")
    project.write("index.md", text.replace("talks/*", "talks/*\nvisit/index\nguide/*", 1))
    project.write("visit/index.md", PAGE)
    shutil.copytree(ROOT / "guide", project.root / "guide", ignore=shutil.ignore_patterns("*.md"))
    for page in {step["page"] for step in tomllib.loads((ROOT / "guide/plan.toml").read_text(encoding="utf-8"))["steps"].values()}:
        project.write(f"guide/{page}.md", f"# {page}\n")
    for name in LETTERS:
        body = (
            '{{ leave_out("nobody to send it to") }}'
            if name == "poster"
            else "Dear {{ visit.institution.name }},\n\n- on {{ dates }}"
        )
        project.write(
            f"letters/{name}.md.jinja", f"---\ntitle: About {name}\nto: the allies\nweek: -5\npaper: false\n---\n{body}\n"
        )
    project.write(
        "evidence/adopters.csv",
        "id,institution,country,region,kind,tools,statement,setting,stage,year,source_title,source_url,how_read,caveat\n",
    )
    project.write(
        "evidence/counter_evidence.csv", "id,claim_at_risk,counter_fact,advice,affects,source_title,source_url,year,how_read\n"
    )
    groups = ["sharing", "failure", "vulnerabilities", "longevity", "storage", "performance", "cost", "monitoring"]
    rows = [
        f"x{number:02},{group},Of {group}?,So.,,,A page,https://example.org/,2025,excerpt\n" for number, group in enumerate(groups)
    ]
    project.write("evidence/questions_it.csv", QUESTIONS + "".join(rows))

    def build(*meetings, zone="Europe/London", day="2027-05-11", visit="visits/neutral.toml"):
        project.write(visit, HEAD.format(zone=zone, day=day) + "".join(meetings))
        result = project.build("-D", f"roadshow_visit={visit}")
        assert result.status == 0, result.err
        return project.html("visit/index")

    return build


def words(element):
    return " ".join(element.get_text(" ", strip=True).replace(" ,", ",").replace(" – ", "–").split())


def facts(page, name):
    """The facts of a meeting."""
    section = page.select_one(f"#meeting-{name}")
    return {words(term): term.find_next_sibling("dd") for term in section.select("dl.facts > dt")}


def rows(table):
    return [[words(cell) for cell in row.select("td")] for row in table.select("tbody tr")]


def test_the_title_is_the_institution_and_the_dates(made):
    page = made(*TWO_DAYS)
    assert [part.text for part in page.select("h1 span[dir=auto]")] == ["The sea", "11 May 2027"]
    text = words(page)
    assert "An institution by the sea, a city, a country . All times are local there (Europe/London)." in text
    assert "The visitors speak English ." in text
    for rule in (
        "No network reaches the outside: carry what you show.",
        "Your own laptops may join their network.",
        "Badges are worn",
    ):
        assert rule in text


def test_only_the_public_visit_is_called_an_example(made):
    said = "This is the example that the public site shows"
    assert said in words(made(*TWO_DAYS))
    assert said not in words(made(*TWO_DAYS, visit="visits/next.toml"))


def test_a_visit_that_keeps_its_days_to_itself_says_what_the_days_below_are(made, project):
    made(*TWO_DAYS, visit="visits/next.toml")
    project.change("visits/next.toml", "[visit]", '[visit]\nshown = "Spring"\naccount = "https://example.org/told"')
    assert project.build("-D", "roadshow_visit=visits/next.toml").status == 0
    page = project.html("visit/index")
    assert [part.text for part in page.select("h1 span[dir=auto]")] == ["The sea", "Spring"]
    assert (
        "The slides show the dates as Spring . The days and hours below are those of the file, where they may be assumed."
        in words(page)
    )
    assert page.select_one("a[href='https://example.org/told']").text == "published account"


def test_the_timetable_is_a_table_for_each_day(made):
    page = made(*TWO_DAYS)
    first, second = page.select("section[id^=day-]")
    assert [section["id"] for section in (first, second)] == ["day-2027-05-11", "day-2027-05-12"]
    assert first.select_one("h3 time")["datetime"] == "2027-05-11"
    assert first.select_one("h3 time").text == "Tuesday 11 May 2027"
    assert rows(first.table) == [
        ["10:15–11:15", "Talk to IT: IT", "Room 1 Visitor one, Visitor two, Host one"],
        ["23:30–Wed 12 May, 00:30", "A good time: Whoever comes", "Visitor two"],
    ]
    assert rows(second.table) == [["09:00–11:00", "Technical plans: IT", "Visitor one, Visitor two"]]
    assert [time["datetime"] for time in first.select("td time")] == [
        "2027-05-11T10:15:00+01:00",
        "2027-05-11T11:15:00+01:00",
        "2027-05-11T23:30:00+01:00",
        "2027-05-12",
        "2027-05-12T00:30:00+01:00",
    ]
    assert [words(head) for head in first.select("thead th")] == ["Time", "Meeting", "Where and who"]


def test_the_timetable_of_a_person_has_their_meetings_and_their_calendar(made):
    page = made(*TWO_DAYS)
    people = page.select("#by-person > section")
    assert [section["id"] for section in people] == ["visitor-maintainer", "visitor-scientist", "host-maintainer"]
    assert [[row[1] for row in rows(section.table)] for section in people] == [
        ["Talk to IT: IT Room 1", "Technical plans: IT"],
        ["Talk to IT: IT Room 1", "A good time: Whoever comes", "Technical plans: IT"],
        ["Talk to IT: IT Room 1"],
    ]
    assert rows(people[2].table) == [["Tue 11 May, 10:15–11:15", "Talk to IT: IT Room 1"]]
    assert [section.p.a["href"] for section in people] == [
        "people/maintainer.ics",
        "people/scientist.ics",
        "people/maintainer.host.ics",
    ]
    assert words(people[0].p) == "Calendar, in the lobby"


def test_the_name_of_a_meeting_leads_to_its_section(made):
    page = made(*TWO_DAYS)
    links = page.select("table.timetable td a")
    assert len(links) == 3 + 2 + 3 + 1
    for link in links:
        section = page.select_one(link["href"])
        assert words(section.h3).removesuffix(" ¶").removesuffix(" #") == words(link)


def test_a_meeting_has_its_facts(made):
    page = made(*TWO_DAYS)
    plan = tomllib.loads((ROOT / "guide/plan.toml").read_text(encoding="utf-8"))
    it, late, plans = (facts(page, name) for name in ("it", "late", "plans"))
    assert words(it["When"]).startswith("Tuesday 11 May 2027, 10:15–11:15, 60 minutes")
    assert it["When"].a["href"] == "meetings/it.ics"
    assert (words(it["Where"]), words(late["Where"])) == ("Room 1", "Not settled yet")
    assert words(it["Who"]) == "Visitor one, Visitor two, Host one ; Visitor one speaks first"
    assert words(it["Audience"]).replace("’", "'") == plan["audiences"]["it"]["who"]
    assert words(plans["For the hosts"]) == plan["steps"]["6"]["hosts"]
    assert it["How"].a["href"] == "../guide/talk-to-it.html"
    assert [link["href"] for link in it["Slides"].select("a")] == ["../talks/one-slides.html", "../talks/one.html"]
    # Six minutes in its own slot of ten; in an hour its brief segment is told in full.
    assert words(it["Slides"]) == "Open the slides, Deck one ; 9 of 60 minutes; in full: beta"
    assert "Slides" not in late
    assert words(plans["Rules"]) == "Recorded; whoever is seen or heard agrees in writing first."
    assert words(late["Rules"]) == "Not recorded."
    network = "No network reaches the outside: carry what you show. Your own laptops may join their network."
    assert words(it["Rules"]) == f"Not recorded. {network}"
    assert words(plans["To know"]) == "Bring chalk"
    boxes = page.select("#meeting-plans li.task-list-item")
    assert [words(box).replace("’", "'") for box in boxes] == plan["steps"]["6"]["checklist"]
    assert all(box.input["type"] == "checkbox" for box in boxes)


def test_questions_to_expect_lead_to_their_slide_or_their_source(made, project):
    page = made(*TWO_DAYS)
    fold = page.select_one("#meeting-it details")
    assert fold.summary.text == "Questions to expect (6)"
    asked = {words(term): term for term in fold.select("dt")}
    # One of each group that the audience is said to ask about, in that order.
    assert list(asked) == ["Is <it> safe?", "Who starts it?", "Of sharing?", "Of failure?", "Of vulnerabilities?", "Of longevity?"]
    assert asked["Is <it> safe?"].a["href"] == "../talks/one-slides.html#/it01"
    assert project.html("talks/one-slides").find(id="it01")
    answer = asked["Is <it> safe?"].find_next_sibling("dd")
    assert words(answer) == "It is, behind a wall. But: Not without. ( A paper, 2024)"
    assert answer.a["href"] == "https://example.org/p"
    assert page.select("#meeting-late details") == []
    plans = page.select_one("#meeting-plans details")
    assert [words(term) for term in plans.select("dt")] == ["Of longevity?", "Of storage?"]
    assert plans.select("dt a") == []


def test_a_further_meeting_with_the_same_deck_has_its_own_slides(made):
    page = made(*TWO_DAYS, meeting("again", "2027-05-11T14:00:00", 60, deck='"one"'))
    assert facts(page, "again")["Slides"].a["href"] == "../talks/one-for-again-slides.html"


def test_the_countdown_has_dates_and_owners(made):
    page = made(*TWO_DAYS, visit="visits/next.toml")
    weeks = {words(term): term for term in page.select("dl.countdown > dt")}
    assert next(iter(weeks)) == "8 weeks before, from Monday 15 March 2027"
    assert list(weeks)[-1] == "52 weeks after, by Tuesday 9 May 2028"
    assert "The visit, from Tuesday 11 May 2027" in weeks
    assert "1 week before, from Monday 3 May 2027" in weeks
    assert weeks["1 week before, from Monday 3 May 2027"].time["datetime"] == "2027-05-03"
    tasks = [words(task) for task in weeks["8 weeks before, from Monday 15 March 2027"].find_next_sibling("dd").select("li")]
    assert tasks[1] == "Sponsor: Say yes to rooms and to recording, both now."
    plan = tomllib.loads((ROOT / "guide/plan.toml").read_text(encoding="utf-8"))
    assert len(page.select("dl.countdown li")) == len(plan["countdown"])
    assert [letter["href"] for letter in page.select("dl.countdown li a")] == [f"#letter-{name}" for name in LETTERS]
    assert [words(term) for term in page.select("dl.takeaways > dt")] == ["The visitors", "The hosts"]
    assert len(page.select("dl.takeaways li")) == sum(map(len, plan["takeaways"].values()))


def test_the_letters_stand_folded_up_as_text_to_paste(made):
    page = made(*TWO_DAYS)
    folds = {fold["id"]: fold for fold in page.select("#letters details")}
    assert set(folds) == {f"letter-{name}" for name in LETTERS}
    first = folds["letter-to-it"]
    assert first.summary.text == "About to-it"
    assert words(first.p) == "The allies; 5 weeks before, from Monday 5 April 2027 ."
    # The button that copies is for what stands in here.
    assert first.select_one("div.highlight pre").text == "Dear An institution by the sea,\n\n- on Tuesday 11 May 2027\n"
    assert [words(text) for text in folds["letter-poster"].select("p")][1] == "This visit needs none: nobody to send it to"
    assert folds["letter-poster"].pre is None


def test_a_letter_that_fails_is_a_warning_with_its_place(made, project):
    made(*TWO_DAYS)
    project.change("letters/to-it.md.jinja", "{{ dates }}", "{{ datse }}")
    result = project.build()
    assert result.status == 1
    assert "letters/to-it.md.jinja:9: 'datse' is undefined" in result.err
    assert "visit/index.md:" in result.err


def test_a_meeting_on_a_call_says_where_it_is(made, project):
    call = '"https://example.org/call?room=7&at=9"'
    page = made(
        meeting("far", "2027-05-11T09:30:00", 60, call=call), meeting("both", "2027-05-11T11:00:00", 60, call=call, room='"Room 4"')
    )
    for place in (page.select_one("#meeting-far .facts"), page.select_one("section[id^=day-] tbody tr")):
        assert place.find("a", string="call")["href"] == "https://example.org/call?room=7&at=9"
    assert "Not settled yet" not in page.select_one("#meeting-far").text
    assert "Room 4, call" in page.select_one("#meeting-both .facts").text
    calendar = (project.root / "_build/html/visit/meetings/both.ics").read_text(encoding="utf-8").replace("\n ", "")
    assert "LOCATION:Room 4\\; call: https://example.org/call?room=7&at=9\\, The sea\\, a city" in calendar


def test_a_visit_without_meetings_says_so(made):
    page = made()
    said = "This visit has no meetings yet. Write them into its file, and build again."
    for name in ("the-timetable", "the-meetings"):
        assert [words(text) for text in page.select(f"#{name} > p")] == [said]
    assert page.select("table") == []
    assert page.select_one("ul.calendars a")["href"] == "neutral.ics"
    assert len(page.select("dl.countdown li")) > 20


@pytest.mark.parametrize("count", [1, 40])
def test_one_meeting_and_forty_each_have_their_row_and_section(made, project, count):
    names = [f"m{number:02}" for number in range(count)]
    page = made(*(meeting(name, f"2027-05-{11 + number // 8}T{8 + number % 8:02}:00:00", 50) for number, name in enumerate(names)))
    assert [link["href"] for link in page.select("section[id^=day-] td a")] == [f"#meeting-{name}" for name in names]
    assert [section["id"] for section in page.select("#the-meetings > section")] == [f"meeting-{name}" for name in names]
    assert len(page.select("section[id^=day-] table")) == -(-count // 8)
    files = {path.stem for path in (project.root / "_build/html/visit/meetings").iterdir()}
    assert files == set(names)


def test_hours_are_right_across_a_change_of_the_clock(made):
    day = "2027-09-26"
    page = made(meeting("early", f"{day}T01:30:00", 60), meeting("later", f"{day}T10:00:00", 60), zone="Pacific/Auckland", day=day)
    table = page.select_one(f"#day-{day} table")
    assert [row[0] for row in rows(table)] == ["01:30–03:30", "10:00–11:00"]
    times = [datetime.fromisoformat(time["datetime"]) for time in table.select("td time")]
    assert [(end - start).total_seconds() for start, end in zip(times[::2], times[1::2], strict=True)] == [3600, 3600]
    assert times[2] == datetime(2027, 9, 26, 10, tzinfo=ZoneInfo("Pacific/Auckland"))


HOSTILE = "Te Pūnaha <script>alert(1)</script> {{ 7*7 }} **気象庁** `x` [a](b) שירות O'Brien -- &amp; ${1} {ref}`y`"


def test_every_text_of_a_visit_comes_out_as_text(made, project):
    fields = {"room": f'"{HOSTILE} room{"x" * 300}"', "remarks": f'"{HOSTILE} remarks"', "hosts": '["other"]', "deck": '"one"'}
    visit = HEAD
    for old in (
        "An institution by the sea",
        "The sea",
        "a country",
        "a city",
        "Badges are worn",
        "Visitor one",
        "in the lobby",
        "Host one",
    ):
        assert f'"{old}"' in visit
        visit = visit.replace(f'"{old}"', f'"{HOSTILE} {old}"')
    others = f'\n[hosts.other]\nname = "{HOSTILE} name"\ngroup = "{HOSTILE} group"\n'
    made()
    project.write(
        "visits/neutral.toml",
        visit.replace("{zone}", "Europe/London").replace("{day}", "2027-05-11")
        + others + meeting("it", "2027-05-11T10:15:00", 60, group=f"{HOSTILE} met", **fields),
    )  # fmt: skip
    result = project.build()
    assert result.status == 0, result.err
    page = project.html("visit/index")
    assert [script for script in page.select("script") if "alert" in script.text] == []
    shown = {span.text for span in page.select("span[dir=auto]")}
    ends = ["An institution by the sea", "The sea", "a country", "a city", "Badges are worn", "Visitor one", "in the lobby",
            "name", "group", "met", "remarks", f"room{'x' * 300}"]  # fmt: skip
    assert [end for end in ends if f"{HOSTILE} {end}" not in shown] == []
    assert page.select("main a[href=b], .body a[href=b], main script, .body script") == []
    # Each word of the visit stands in a place with a direction of its own, or in a letter.
    assert f"{HOSTILE} An institution by the sea" in page.select_one("#letter-to-it pre").text
    for text in page.select("span[dir=auto], #letters pre"):
        text.decompose()
    body = page.select_one("[role=main]")
    assert "alert(1)" not in body.text
    assert "気象庁" not in body.text


def test_the_calendars_of_a_former_visit_go(made, project):
    made(*TWO_DAYS, visit="visits/next.toml")
    folder = project.root / "_build/html/visit"
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.ics")} == {
        "next.ics",
        "people/maintainer.ics",
        "people/scientist.ics",
        "people/maintainer.host.ics",
        "meetings/it.ics",
        "meetings/late.ics",
        "meetings/plans.ics",
    }
    made(TWO_DAYS[0])
    assert {path.name for path in folder.rglob("*.ics")} == {
        "neutral.ics", "maintainer.ics", "scientist.ics", "maintainer.host.ics", "it.ics",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("guide/plan.toml", "Say yes to rooms", "Say no to rooms"),
        ("evidence/questions_it.csv", "It is, behind a wall.", "It is not."),
        ("visits/neutral.toml", "Room 1", "Room 2"),
        ("letters/to-it.md.jinja", "About to-it", "About IT"),
    ],
)
def test_a_page_is_made_again_when_the_plan_the_questions_or_the_visit_change(made, project, file, old, new):
    assert old in words(made(*TWO_DAYS))
    project.change(file, old, new)
    assert project.build().status == 0
    page = words(project.html("visit/index"))
    assert new in page
    assert old not in page


def test_a_bad_plan_stops_the_build_with_one_message(made, project):
    made(*TWO_DAYS)
    project.change("guide/plan.toml", "week = -5", "week = 53")
    result = project.build()
    assert result.status == 1
    line = next(
        n for n, text in enumerate((project.root / "guide/plan.toml").read_text(encoding="utf-8").splitlines(), 1) if "= 53" in text
    )
    assert f"guide/plan.toml:{line}: countdown.4.week is 53; input should be less than or equal to 52" in result.err
    assert "Traceback" not in result.err


def test_a_group_of_questions_that_is_not_there_is_a_warning_with_its_place(made, project):
    made(*TWO_DAYS)
    project.change("guide/plan.toml", '"it.security"', '"it.secrecy"')
    result = project.build()
    assert result.status == 1
    assert "visit/index.md:" in result.err
    assert "the plan names the questions 'it.secrecy', and that table has no such group; it has security, deployment" in result.err


def test_a_project_without_a_plan_has_no_calendars(project):
    project.write("visits/neutral.toml", HEAD.format(zone="Europe/London", day="2027-05-11"))
    assert project.build().status == 0
    assert not (project.root / "_build/html/visit").exists()


def test_the_schema_is_that_of_the_model():
    committed = (ROOT / "visits" / schema.FILE).read_text(encoding="utf-8")
    assert committed == schema.schema_text(), "the schema is stale; write it with: python -m roadshow.schema"


def as_json(text):
    return json.loads(json.dumps(tomllib.loads(text), default=lambda value: value.isoformat()))


@pytest.mark.parametrize("path", sorted((ROOT / "visits").glob("*.toml")), ids=lambda path: path.stem)
def test_every_visit_fits_the_schema(path):
    made = json.loads((ROOT / "visits" / schema.FILE).read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(made)
    checker = jsonschema.Draft7Validator(made, format_checker=jsonschema.FormatChecker())
    text = path.read_text(encoding="utf-8")
    assert list(checker.iter_errors(as_json(text))) == []
    for old, new in [
        ("minutes = 60", "minutes = 0"),
        ("T09:00:00", "T09:00:00Z"),
        ('kind = "', 'kind = "a '),
        ("[rules]", "[ruled]"),
    ]:
        if old in text:
            assert list(checker.iter_errors(as_json(text.replace(old, new, 1)))) != []


def test_the_reference_has_every_key_of_the_model(made, project):
    made(*TWO_DAYS)
    project.write("guide/visit-file.md", "# The file\n\n```{visit-reference}\n```\n")
    assert project.build().status == 0
    page = project.html("guide/visit-file")
    assert json.loads((project.root / "_build/html/visit.schema.json").read_text(encoding="utf-8")) == schema.schema()
    assert page.select_one("a[href='../visit.schema.json']")
    for table, field in Visit.model_fields.items():
        section = page.select_one(f"#table-{table}")
        named = field.annotation.__args__[1] if hasattr(field.annotation, "__args__") else None
        model = named or field.annotation
        assert issubclass(model, BaseModel)
        assert section.select_one("h2 code").text == (f"[{table}.<name>]" if named else f"[{table}]")
        shown = {row[0]: row[1:] for row in rows(section.table)}
        assert list(shown) == list(model.model_fields)
        for key, inner in model.model_fields.items():
            _, needed, says, private = shown[key]
            assert (needed == "needed") == inner.is_required()
            assert says.replace("’", "'").replace(" ", "") == inner.description.replace("`", "").replace(" ", "")
            assert (private == "private") == bool(inner.json_schema_extra)
    meetings = {row[0]: row for row in rows(page.select_one("#table-meetings table"))}
    assert meetings["step"][1] == "a whole number, 1 to 7"
    assert meetings["start"][1] == "a day and a time, such as 2027-05-11T09:30:00"
    assert meetings["recorded"][1:3] == ["true or false", "false if left out"]
    assert meetings["audience"][1].startswith("one of allies, it, broad")
