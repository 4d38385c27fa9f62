"""The reference has every command with its options, every directive, role and setting; none is missing."""

import re
from pathlib import Path

import pytest
import typer

import roadshow.sphinx
from roadshow.cli import app
from roadshow.sphinx.directives import SlideDirective


@pytest.fixture
def page(project):
    kinds = ("commands", "directives", "roles", "settings")
    project.write("all.md", "# All\n\n" + "\n".join(f"## {kind}\n\n```{{reference}} {kind}\n```\n" for kind in kinds))
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


CODE = "".join(path.read_text(encoding="utf-8") for path in Path(roadshow.sphinx.__file__).parent.glob("*.py"))


def test_every_directive_and_role_is_there_with_its_options(page):
    registered = dict(re.findall(r'app\.add_directive\("([\w-]+)", (\w+)\)', CODE))
    assert len(registered) > 15
    assert {section["id"].removeprefix("directive-") for section in page.select("section[id^=directive-]")} == set(registered)
    assert all(section.p.text.strip() for section in page.select("section[id^=directive-]"))
    assert [item.text.strip() for item in page.find(id="directive-slide").select("li")] == [
        f":{option}:" for option in SlideDirective.option_spec
    ]
    told = {section["id"].removeprefix("role-") for section in page.select("section[id^=role-]")}
    assert told == set(re.findall(r'app\.add_role\("([\w-]+)"', CODE)) == {"claim"}


def test_every_setting_is_there_but_the_one_that_is_set_for_the_author(page):
    told = {row.td.text.strip() for row in page.find(id="settings").select("tbody tr")}
    used = set(re.findall(r"config\.(roadshow_\w+)", CODE))
    assert told == used - {"roadshow_address", "roadshow_words"}


def test_a_kind_that_there_is_not_is_refused(project):
    project.write("all.md", "# All\n\n```{reference} spells\n```\n")
    project.change("index.md", "talks/*\n", "all\ntalks/*\n")
    result = project.build()
    assert result.status == 1
    assert "there is no reference of 'spells'; there is one of commands, directives, roles, settings" in result.err
