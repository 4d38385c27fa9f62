"""The visit file: what it must hold, and what is said, all at once and with the line, when it does not."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from roadshow import evidence
from roadshow.visit import Kind, Region, Visit, private_texts, spelled
from roadshow.visit_file import VisitError, parse_visit, read_visit

ROOT = Path(__file__).parents[2]
GOOD = (ROOT / "visits" / "neutral.toml").read_text(encoding="utf-8")


def visit(text: str) -> Visit:
    read, faults = parse_visit(text, Path("next.toml"))
    assert faults == []
    return read


def told(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "next.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VisitError) as raised:
        read_visit(path)
    return [line.removeprefix(f"{path}:") for line in str(raised.value).splitlines()]


@pytest.mark.parametrize("path", sorted((ROOT / "visits").glob("*.toml")), ids=lambda path: path.stem)
def test_every_visit_is_readable_and_names_the_tag_team(path):
    assert {"maintainer", "scientist"} <= set(read_visit(path).visitors)


def test_kinds_and_regions_are_those_of_the_evidence():
    assert Kind.__args__ == evidence.KINDS
    assert (*Region.__args__, "International") == evidence.REGIONS


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[institution]", "[institution", "not valid TOML"),
        ('name = "Your institution"', "", '[institution] needs "name"; add a line such as name = "Name of the institution"'),
        ("[visit]", "[elsewhere]", "the table [visit] is missing; add it (visits/neutral.toml shows its keys)"),
        ("[visit]", "[elsewhere]", 'the file has no key "elsewhere"'),
        ('name = "The scientist"', "name = 3", '[visitors.scientist] "name" has to be a text that is not empty'),
        ('name = "The scientist"', 'name = " "', '[visitors.scientist] "name" has to be a text that is not empty'),
        ('name = "The scientist"', 'nam = "X"', '[visitors.scientist] has no key "nam"; did you mean "name"?'),
        ('"weather service"', '"wether service"', '[institution] "kind" is \'wether service\'; did you mean "weather service"?'),
        ('"Europe/London"', '"London"', "which is no time zone; did you mean 'Europe/London'?"),
        ("minutes = 60", 'minutes = "60"', '[meetings.allies] "minutes"'),
        ("minutes = 60", "minutes = 0", '[meetings.allies] "minutes": input should be greater than 0'),
        ("step = 1", "step = 8", "less than or equal to 7"),
        ("09:00:00", "09:00:00Z", "is given with an offset; write the local time of the institution"),
        (
            'hosts = ["ally"]',
            'hosts = ["aly"]',
            "[meetings.allies] names 'aly', who is in no [hosts] table; did you mean \"ally\"?",
        ),
        ('visitors = ["maintainer"]', 'visitors = ["me"]', "[meetings.hpc] names 'me', who is in no [visitors] table"),
        ("[meetings.it]", '[meetings."Über"]', "the table [meetings.Über] needs a name of a to z, 0 to 9 and hyphens"),
        ("end = 2027-05-12", "end = 2027-05-01", "the visit ends before it starts"),
        ("Your institution", "Your\\ninstitution", '[institution] "name" goes over several lines; write it on one'),
        ("Your institution", "Your\\u0000institution", "holds a control character; take it out"),
        ("[hosts.ally]", "[data.x]\n[hosts.ally]", "[data.x] needs either a path or a url; give one of the two"),
        ("[hosts.ally]", '[cluster]\nkind = "gateway"\n[hosts.ally]', "[cluster] of the kind 'gateway' needs an \"address\""),
        (
            "[hosts.ally]",
            '[cluster]\nkind = "cloud"\n[hosts.ally]',
            "[cluster] \"kind\" is 'cloud'; it can be one of: local, address",
        ),
    ],
)
def test_a_fault_names_the_file_the_line_and_the_mend(tmp_path, old, new, message):
    assert old in GOOD
    [line] = [line for line in told(tmp_path, GOOD.replace(old, new, 1)) if message in line]
    assert line.split(":")[0].isdecimal()


def test_the_line_is_that_of_the_key(tmp_path):
    bad = GOOD.replace('audience = "hpc"', 'audience = "hcp"')
    [line] = told(tmp_path, bad)
    assert int(line.split(":")[0]) == 1 + bad.splitlines().index('audience = "hcp"')


def test_all_faults_are_told_at_once_in_the_order_of_the_lines(tmp_path):
    bad = GOOD.replace('"Europe/London"', '"Nowhere"').replace("step = 1\n", "").replace('first = "scientist"', 'first = "nobody"')
    lines = told(tmp_path, bad)
    assert len(lines) == 3
    numbers = [int(line.split(":")[0]) for line in lines]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("broken", ["institution = 3", "meetings = 3", "[[meetings]]\nstep = 1", "visitors = []", "[visitors]", ""])
def test_a_file_of_another_shape_is_told_too(tmp_path, broken):
    assert told(tmp_path, broken)


def test_a_missing_file_says_how_to_begin(tmp_path):
    with pytest.raises(VisitError, match="roadshow new none"):
        read_visit(tmp_path / "none.toml")


def test_a_file_that_is_no_text_is_told(tmp_path):
    (tmp_path / "next.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(VisitError, match="not in UTF-8"):
        read_visit(tmp_path / "next.toml")
    with pytest.raises(VisitError, match="cannot be read"):
        read_visit(tmp_path)


def test_a_visit_without_visitors_says_so(tmp_path):
    text = "\n".join(line for line in GOOD.split("[visitors.maintainer]")[0].splitlines()) + "\n[visitors]\n"
    assert any("nobody travels; add a table [visitors.maintainer]" in line for line in told(tmp_path, text))


def test_a_visit_may_have_no_meetings_and_no_hosts():
    read = visit(GOOD.split("[hosts.ally]")[0])
    assert read.timetable == []


@pytest.mark.parametrize(
    "name", ["Te Whatu Ora – Māori", "気象庁", "השירות המטאורולוגי", "O'Brien <script>alert(1)</script> {{ 7*7 }}", "x" * 300]
)
def test_names_in_any_script_are_kept_as_they_are(name):
    assert visit(GOOD.replace("Your institution", name)).institution.name == name


def test_days_in_words():
    assert spelled(date(2027, 5, 11), date(2027, 5, 11)) == "11 May 2027"
    assert spelled(date(2027, 5, 11), date(2027, 5, 12)) == "11–12 May 2027"
    assert spelled(date(2027, 5, 30), date(2027, 6, 2)) == "30 May – 2 June 2027"
    assert spelled(date(2027, 12, 30), date(2028, 1, 2)) == "30 December 2027 – 2 January 2028"


def test_a_meeting_over_a_clock_change_lasts_its_minutes():
    text = (
        GOOD.replace("2027-05-11T18:30:00", "2027-10-30T23:30:00")
        .replace("2027-05-12", "2027-11-01")
        .replace("2027-05-11", "2027-10-30")
    )
    read = visit(text)
    start, end = read.span(read.meetings["evening"])
    assert (start.astimezone(UTC), end.astimezone(UTC)) == (
        datetime(2027, 10, 30, 22, 30, tzinfo=UTC),
        datetime(2027, 10, 31, 1, 0, tzinfo=UTC),
    )
    assert end.strftime("%H:%M") == "01:00"


def test_private_texts_are_those_of_the_fields_marked_so():
    found = dict(private_texts(visit(GOOD.replace("minutes = 60\nhosts", 'minutes = 60\nroom = "Room 12"\nhosts', 1))))
    assert found["meetings", "allies", "room"] == "Room 12"
    assert found["hosts", "ally", "name"] == "The ally inside"
    assert not [where for where in found if where[0] == "visitors" or where[:2] == ("institution", "name")]


def test_nothing_is_private_in_a_visit_whose_account_is_published():
    assert list(private_texts(visit(GOOD.replace("shown =", 'account = "https://example.org/account"\nshown =')))) == []


def test_every_text_field_is_either_private_or_meant_to_be_shown():
    shown = {
        "institution": {"name", "short_name", "aliases", "kind", "country", "region", "city", "timezone"},
        "visit": {"shown", "languages", "account"},
        "visitors": {"name", "line"},
        "meetings": {"audience", "deck", "drop", "first", "visitors", "hosts"},
        "cluster": {"kind"},
    }
    for table, field in Visit.model_fields.items():
        kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
        model = next(kind for kind in kinds if hasattr(kind, "model_fields"))
        public = {
            name
            for name, inner in model.model_fields.items()
            if not inner.json_schema_extra
            and not {bool, int, date, datetime} & {inner.annotation, *getattr(inner.annotation, "__args__", ())}
        }
        assert public == shown.get(table, set()), table


def test_the_neutral_visit_is_toml_that_every_editor_reads():
    assert tomllib.loads(GOOD)["institution"]["name"] == "Your institution"
    assert GOOD.startswith("#:schema visit.schema.json\n")
