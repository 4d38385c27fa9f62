"""The reference has every command with its options, every directive, role and setting; none is missing."""

import re
import tomllib
from pathlib import Path

import pytest
import typer

import roadshow.sphinx
from roadshow import follow_up
from roadshow.cli import app
from roadshow.sphinx import answers, claims, directives, reference, visits, words


@pytest.fixture
def page(project):
    kinds = ("commands", "directives", "roles", "settings", "targets", "files")
    project.write("all.md", "# All\n\n" + "\n".join(f"## {kind}\n\n```{{reference}} {kind}\n```\n" for kind in kinds))
    project.write("Makefile", "site: .ready ## run every cell\n\ttouch site\n\n.ready:\n\ntest: site ## run every test\n")
    project.change("index.md", "talks/*\n", "all\ntalks/*\n")
    result = project.build()
    assert (result.status, result.err) == (0, "")
    return project.html("all")


def test_every_command_and_each_of_its_options_is_there(page):
    commands = typer.main.get_command(app).commands
    assert {section["id"].removeprefix("command-") for section in page.select("section[id^=command-]")} == set(commands)
    for name, command in commands.items():
        text = page.find(id=f"command-{name}").text.replace("’", "'")
        assert command.help.split("\n")[0].split(".")[0] in text
        for one in command.params:
            assert (f"<{one.name}>" if one.param_type_name == "argument" else max(one.opts, key=len)) in text
            assert one.help in text


KINDS = {name: kind for module in (answers, claims, directives, reference, visits, words) for name, kind in vars(module).items()}
CODE = "".join(path.read_text(encoding="utf-8") for path in Path(roadshow.sphinx.__file__).parent.glob("*.py"))


def test_every_directive_and_role_is_there_with_its_options(page):
    registered = dict(re.findall(r'app\.add_directive\("([\w-]+)", (\w+)\)', CODE))
    assert len(registered) > 15
    assert {section["id"].removeprefix("directive-") for section in page.select("section[id^=directive-]")} == set(registered)
    assert all(section.p.text.strip() for section in page.select("section[id^=directive-]"))
    for name, kind in registered.items():
        shown = [item.text.strip() for item in page.find(id=f"directive-{name}").select("li")]
        assert shown == [f":{option}:" for option in KINDS[kind].option_spec or ()], name
    told = {section["id"].removeprefix("role-") for section in page.select("section[id^=role-]")}
    assert told == set(re.findall(r'app\.add_role\("([\w-]+)"', CODE)) == {"claim"}


def test_every_setting_is_there_but_the_one_that_is_set_for_the_author(page):
    told = {row.td.text.strip() for row in page.find(id="settings").select("tbody tr")}
    used = set(re.findall(r"config\.(roadshow_\w+)", CODE))
    assert told == used - {"roadshow_address", "roadshow_words"}


def test_every_target_of_make_is_there_with_what_it_does(page):
    rows = [[cell.text.strip() for cell in row.select("td")] for row in page.find(id="targets").select("tbody tr")]
    assert rows == [["make site", "run every cell"], ["make test", "run every test"]]


ROOT = Path(__file__).parents[3]


def test_every_file_is_there_with_its_keys_as_the_file_has_them(page):
    told = {}
    for row in page.find(id="files").select("tbody tr"):
        name, said, keys = row.select("td")
        assert said.text.strip()
        told[name.text.strip()] = [key.text for key in keys.select("code.literal")]
    plan = tomllib.loads((ROOT / "guide/plan.toml").read_text(encoding="utf-8"))
    tables = {
        "steps.<number>": plan["steps"].values(),
        "audiences.<name>": plan["audiences"].values(),
        "takeaways": [plan["takeaways"]],
    }
    had = {f"guide/plan.toml [{name}]": {key for table in of for key in table} for name, of in tables.items()}
    had["guide/plan.toml [[countdown]]"] = {key for task in plan["countdown"] for key in task}
    head = (ROOT / "letters/thanks.md.jinja").read_text(encoding="utf-8").split("---")[1]
    had["letters/<name>.md.jinja"] = set(re.findall(r"(?m)^(\w+):", head))
    for path in (ROOT / "evidence").glob("*.csv"):
        columns = path.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
        name = "questions_<name>" if path.stem.startswith("questions_") else path.stem
        had[f"evidence/{name}.csv"] = set(columns) - {"demonstrable"}  # for the tests only
    had["visits/<name>.follow-up.csv"] = set(follow_up.DRAFT.split("\n", 1)[0].split(","))
    assert {name: set(keys) for name, keys in told.items()} == had


def test_every_variable_that_the_configuration_reads_is_explained(project):
    with (project.root / "conf.py").open("a", encoding="utf-8") as file:
        file.write('import os\nroadshow_trusted = os.environ.get("TRUST") == "1"\n')
    project.write("all.md", "# All\n\n```{reference} environment\nTRUST `1`: it may\n```\n")
    project.change("index.md", "talks/*\n", "all\ntalks/*\n")
    result = project.build()
    assert (result.status, result.err) == (0, "")
    assert [cell.text.strip() for cell in project.html("all").select("tbody td")] == ["TRUST", "1: it may"]
    project.change("all.md", "TRUST `1`: it may", "VISIT the visit")
    result = project.build()
    assert result.status == 1
    assert "TRUST, VISIT: either conf.py reads it and nothing is said of it here, or the other way round" in result.err


def test_a_kind_that_there_is_not_is_refused(project):
    project.write("all.md", "# All\n\n```{reference} spells\n```\n")
    project.change("index.md", "talks/*\n", "all\ntalks/*\n")
    result = project.build()
    assert result.status == 1
    assert (
        "there is no reference of 'spells'; there is one of commands, directives, roles, settings, targets, environment, files"
        in result.err
    )
