"""A visit file from somebody else: its texts are text wherever they come out, and a build reads and runs nothing that it names."""

import json
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from ical.calendar_stream import IcsCalendarStream

from roadshow.review import reaches_out
from roadshow.stage.built import find, read_slides
from roadshow.stage.captions import captions
from roadshow.visit_file import VisitError, parse_visit, read_visit

ROOT = Path(__file__).parents[2]
ROADSHOW = str(Path(sys.executable).with_name("roadshow"))
HOSTILE = (
    '</script></title><script>alert(1)</script><img src=x onerror=alert(1)><iframe srcdoc=x></iframe>" onclick="alert(1)" \''
    " {{ 7*7 }} {% raw %} [a](javascript:alert(1)) <javascript:alert(1)> ![b](file:///etc/passwd) ```{include} /etc/passwd"
    " {ref}`y` ${7*7} %(a)s %s \\n;,: --> ]]> <!-- &lt;b&gt; $(id) `id`"
)
FULL = """
[institution]
name = "The institution@"
short_name = "Its short name@"
aliases = ["Another name@"]
kind = "university"
country = "A country@"
region = "Oceania"
city = "A city@"
timezone = "Europe/London"
pains = ["It hurts@"]
[visit]
start = 2027-05-11
end = 2027-05-11
shown = "In May@"
languages = ["A language@"]
account = "https://example.org/?@"
[rules]
others = ["A rule@"]
[visitors.maintainer]
name = "Maintainer@"
line = "Speaks.@"
contact = "In the lobby@"
[visitors.scientist]
name = "Scientist@"
line = "Listens.@"
[hosts.ally]
name = "The ally@"
group = "A group@"
hopes = "Hopes@"
contact = "A contact@"
[meetings.allies]
step = 1
group = "The allies@"
audience = "allies"
start = 2027-05-11T09:00:00
minutes = 60
hosts = ["ally"]
room = "A room@"
remarks = "A remark@"
[meetings.it]
step = 2
group = "IT@"
audience = "it"
start = 2027-05-11T10:15:00
minutes = 60
deck = "one"
recorded = true
room = "A hall@"
call = "https://example.org/call@"
"""
"""Every text that a visit file can have, each with a mark where the hostile one goes on."""


def visit(text):
    read, faults = parse_visit(text, Path("made-up.toml"))
    assert faults == []
    return read


NEUTRAL = (ROOT / "visits/neutral.toml").read_text(encoding="utf-8").split("[hosts.", 1)[0]


def test_the_full_file_has_every_text_of_the_model():
    read = visit(FULL)
    tables = [
        read,
        read.institution,
        read.visit,
        read.rules,
        *read.visitors.values(),
        *read.hosts.values(),
        *read.meetings.values(),
    ]
    said = {(type(table), name) for table in tables for name in table.model_fields_set}
    left_out = {name for table in tables for name in type(table).model_fields if (type(table), name) not in said}
    numbers = {"staff", "analysts", "outside_network", "personal_laptops", "recording_consent", "talk"}
    names_of_others = {"drop", "first", "visitors"}
    assert left_out == numbers | names_of_others | {"data", "cluster"}


@pytest.fixture
def site(project):
    """A function that builds a site with the page of the visit, letters and a deck, for a visit file with a text at its marks."""
    for name in ("letters", "evidence"):
        shutil.copytree(ROOT / name, project.root / name, ignore=shutil.ignore_patterns("*.md"))
    project.write("guide/plan.toml", (ROOT / "guide/plan.toml").read_text(encoding="utf-8"))
    for step in tomllib.loads((ROOT / "guide/plan.toml").read_text(encoding="utf-8"))["steps"].values():
        project.write(f"guide/{step['page']}.md", f"# {step['page']}\n")
    project.write("visit/index.md", (ROOT / "visit/index.md").read_text(encoding="utf-8"))
    project.change("index.md", "talks/*", "talks/*\nvisit/index\nguide/*\n")
    project.change("talks/segments/beta.md", "- one point", "```{speakers}\n```\n\n```{adopters} nearest 1-3\n```\n\n- one point")

    def build(text):
        project.write("visits/next.toml", FULL.replace("@", text))
        shutil.rmtree(project.root / "_build/html", ignore_errors=True)
        told = project.build("-D", "roadshow_visit=visits/next.toml")
        assert told.status == 0, told.err
        built = project.root / "_build/html"
        shutil.move(built, project.root / f"built-{len(text)}")
        return project.root / f"built-{len(text)}"

    return build


def test_every_text_comes_out_as_text_in_pages_decks_calendars_and_captions(site):
    escaped = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
    plain, hostile = site(""), site(escaped)
    pages = sorted(path.relative_to(plain) for path in plain.rglob("*.html"))
    assert pages == sorted(path.relative_to(hostile) for path in hostile.rglob("*.html"))
    carried = 0
    for page in pages:
        before, after = (BeautifulSoup((folder / page).read_text(encoding="utf-8"), "html.parser") for folder in (plain, hostile))
        carried += HOSTILE in after.get_text()
        # Nothing but the text is new: the same elements, with the same attributes.
        shape = [(tag.name, sorted(tag.attrs)) for tag in before.find_all()]
        assert [(tag.name, sorted(tag.attrs)) for tag in after.find_all()] == shape, page
        assert after.get_text().replace(HOSTILE, "") == before.get_text(), page
        assert [tag for tag in after.select("script, style") if "alert(1)" in tag.text] == []
        assert [link for link in after.select("a[href]") if link["href"].startswith(("javascript:", "file:"))] == []
    assert carried >= 4
    for name in ("next", "people/ally", "people/maintainer", "meetings/it"):
        before, after = (
            IcsCalendarStream.calendar_from_ics((folder / f"visit/{name}.ics").read_text(encoding="utf-8"))
            for folder in (plain, hostile)
        )
        assert len(after.events) == len(before.events) > 0
        for one, other in zip(before.events, after.events, strict=True):
            assert other.location.replace(HOSTILE, "") == one.location
            assert other.summary.replace(HOSTILE, "") == one.summary
            assert (other.description or "").replace(HOSTILE, "") == (one.description or "")
            assert HOSTILE in other.location
            assert {name for name, value in other if value} == {name for name, value in one if value}
    lines = captions(read_slides(find(hostile, "one"))).splitlines()
    times = [line for line in lines if "-->" in line]
    assert times
    assert [line for line in times if not re.fullmatch(r"[\d:.]{12} --> [\d:.]{12}", line)] == []
    assert len([line for line in lines if "<" in line]) == len(times) == "\n".join(lines).count("<")


SECRET = "from somewhere else"


@pytest.fixture
def places(tmp_path):
    """A project with data in it, links that lead out of it, and data outside."""
    root, outside = tmp_path / "project [1]", tmp_path / "outside"
    (root / "data/store.zarr").mkdir(parents=True)
    outside.mkdir()
    for path in (root / "data/one.nc", root / "data/two.nc", outside / "secret.nc"):
        path.write_text(SECRET, encoding="utf-8")
    (root / "links").mkdir()
    (root / "links/fine.nc").symlink_to(root / "data/one.nc")
    (root / "data/link").symlink_to(outside)
    (root / "links/secret.nc").symlink_to(outside / "secret.nc")
    (tmp_path / "same").symlink_to(root)
    return root


def asked(root, more):
    return [fault.message for fault in reaches_out(visit(NEUTRAL + more), root)]


INSIDE = [
    "data/one.nc",
    "data/*.nc",
    "./data/../data/one.nc",
    "data/store.zarr",
    "links/fine.nc",
    "none/all*.nc",
    "{root}/data/*.nc",
]
OUTSIDE = [
    "/etc/passwd", "../outside/secret.nc", "data/../../outside/*.nc", "data/*/../../../outside/secret.nc", "data/link",
    "data/link/secret.nc", "data/l*/secret.nc", "links/*.nc", "{root}/../outside/secret.nc", "/proc/self/environ", "../none.nc",
    "{root}-beside/x.nc", "//etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("path", INSIDE)
def test_data_in_the_project_need_no_trust(places, path):
    table = f'[data.ostia]\npath = "{path.format(root=places)}"\nsource = "x"\n'
    assert asked(places, table) == asked(places.parent / "same", table) == []


@pytest.mark.parametrize("path", OUTSIDE)
def test_data_outside_the_project_are_named(places, path):
    path = path.format(root=places)
    [message] = asked(places, f'[data.ostia]\npath = "{path}"\nsource = "x"\n')
    assert message.startswith(f"[data.ostia] reads {path}, which is outside the project; ")


@pytest.mark.parametrize(
    "table",
    [
        'kind = "address"\naddress = "tcp://127.0.0.1:8786"',
        'kind = "slurm"\n[cluster.options]\njob_script_prologue = ["touch /tmp/x"]',
        'kind = "slurm"\n[cluster.options]\nqueue = "normal\\n#SBATCH --wrap=id"',
        '[cluster.config]\n"distributed.scheduler.preload" = ["https://example.org/x.py"]',
        '[cluster.options]\nworker_class = "os.system"',
        "workers = 1000",
    ],
)
def test_a_cluster_is_named_whatever_its_kind(places, table):
    [message] = asked(places, f"[cluster]\n{table}\n")
    assert message.startswith("[cluster] connects to a cluster, or starts one, which can run any code; ")


@pytest.mark.parametrize("table", ['[cluster]\nkind = "local"\n', "[cluster]\n", ""])
def test_what_is_as_without_the_file_needs_no_trust(places, table):
    assert asked(places, table) == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ftp://example.org/x.nc",
        "data:text/html,x",
        "https://a\\nb",
        " simplecache::file:///x",
    ],
)
def test_other_than_web_addresses_are_refused_in_any_case(url):
    _, faults = parse_visit(f'{NEUTRAL}[data.ostia]\nurl = "{url}"\nsource = "x"\n', Path("next.toml"))
    assert ("data", "ostia", "url") in [fault.where for fault in faults]
    _, faults = parse_visit(NEUTRAL.replace("shown =", f'account = "{url}"\nshown ='), Path("next.toml"))
    assert [fault.where for fault in faults] == [("visit", "account")]


ASKING = f"""{NEUTRAL}
[data.ostia]
path = "/nowhere/at/all.nc"
source = "x"
[data.nino12]
url = "https://example.org/x.nc"
source = "x"
[cluster]
kind = "address"
address = "tcp://127.0.0.1:1"
"""


def test_a_build_that_was_not_told_to_trust_the_file_runs_no_cell_and_says_what_it_asks_for(project):
    project.write("visits/next.toml", ASKING)
    told = project.build("-D", "roadshow_visit=visits/next.toml")
    assert told.status == 1
    lines = told.err.strip().splitlines()
    file = (project.root / "visits/next.toml").read_text(encoding="utf-8").splitlines()
    assert [file[int(line.split(":")[1]) - 1] for line in lines] == [
        'path = "/nowhere/at/all.nc"', 'url = "https://example.org/x.nc"', "[cluster]",
    ]  # fmt: skip
    assert all("say TRUST=1 where you build" in line for line in lines)
    assert project.runs() == []
    assert not list((project.root / "_build/html").rglob("*.html"))
    assert project.build("-D", "roadshow_visit=visits/next.toml", "-D", "roadshow_trusted=1").status == 0
    assert project.runs() == ["alpha"]


def test_trust_is_said_by_the_environment_and_by_nothing_in_the_file(monkeypatch):
    for value, trusted in {"1": True, "0": False, "": False}.items():
        monkeypatch.setenv("TRUST", value)
        said = {}
        exec((ROOT / "conf.py").read_text(encoding="utf-8"), said)
        assert said["roadshow_trusted"] is trusted
    monkeypatch.delenv("TRUST")
    exec((ROOT / "conf.py").read_text(encoding="utf-8"), said)
    assert said["roadshow_trusted"] is False


def test_check_fetches_nothing_unless_told_to_trust(tmp_path):
    fetched = []

    class Inner(BaseHTTPRequestHandler):
        def log_request(self, *_):
            fetched.append(self.path)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Inner) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/inner.nc"
        (tmp_path / "next.toml").write_text(f'{NEUTRAL}[data.ostia]\nurl = "{url}"\nsource = "x"\n', encoding="utf-8")
        check = [ROADSHOW, "check", str(tmp_path / "next.toml")]
        told = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
        assert told.returncode == 1
        assert f"error: [data.ostia] fetches {url}; " in told.stdout
        assert fetched == []
        told = subprocess.run([*check, "--trust"], cwd=ROOT, capture_output=True, text=True, check=False)
        server.shutdown()
    assert told.returncode == 1
    assert "cannot be read as a data set" in told.stdout
    assert set(fetched) == {"/inner.nc"}


@pytest.mark.parametrize("letter", ["\x1b", "\x9b", "\x85", "\u2028", "\u202e", "\r", "\0"])
def test_what_commands_a_terminal_is_refused_in_a_text_and_spelled_out_in_a_message(letter):
    written = json.dumps(letter)[1:-1]
    _, faults = parse_visit(NEUTRAL.replace("Your institution", f"Your{written}institution"), Path("next.toml"))
    assert [fault.where for fault in faults] == [("institution", "name")]
    for table in (f'[rules]\n"bell{written}[2J" = 1\n', f'[data."{written}"]\nsource = "x"\npath = "x"\n'):
        _, faults = parse_visit(NEUTRAL.replace("[rules]", "[rules]\n") + table.replace("[rules]", "[hosts.a]"), Path("next.toml"))
        assert faults
        assert all(letter not in fault.message for fault in faults)
        assert any(ascii(letter)[1:-1] in fault.message for fault in faults)


@pytest.mark.parametrize("name", ["Te Whatu Ora – Māori", "कृषि मौसम सेवा\u200d", "\u2068שלום\u2069", "می\u200cخواهم", "👩\u200d🔬"])
def test_what_a_script_needs_is_no_command(name):
    assert visit(NEUTRAL.replace("Your institution", name)).institution.name == name


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 100_000])
def test_numbers_and_nesting_without_end_are_one_message(tmp_path, value):
    (tmp_path / "next.toml").write_text(f"{NEUTRAL}\n[cluster.options]\na = {value}\n", encoding="utf-8")
    with pytest.raises(VisitError, match="not valid TOML"):
        read_visit(tmp_path / "next.toml")


@pytest.mark.parametrize("name", ["../../x", "a/b", ".", "a\\\\b", 'x\\" onclick=\\"', "<b>", "A", "x\\u0000"])
@pytest.mark.parametrize("table", ["visitors", "hosts", "meetings", "data"])
def test_a_table_that_files_and_elements_are_named_after_has_a_plain_name(table, name):
    keys = {
        "visitors": 'name = "x"\nline = "x"',
        "hosts": 'name = "x"\ngroup = "x"',
        "meetings": 'step = 1\ngroup = "x"\naudience = "it"\nstart = 2027-05-11T09:00:00\nminutes = 1',
        "data": 'path = "x"\nsource = "x"',
    }
    _, faults = parse_visit(f'{NEUTRAL}[{table}."{name}"]\n{keys[table]}\n', Path("next.toml"))
    [message] = [fault.message for fault in faults]
    assert "needs a name of a to z, 0 to 9 and hyphens" in message


@pytest.mark.parametrize("zone", ["../../../etc/passwd", "/etc/passwd", "Europe/../../../../etc/hostname", "", "."])
def test_a_time_zone_is_one_of_the_known(zone):
    _, faults = parse_visit(NEUTRAL.replace("Europe/London", zone), Path("next.toml"))
    assert [fault.where for fault in faults] == [("institution", "timezone")]
