"""Data of Debian are installed where their files are missing, and only there."""

import subprocess
from dataclasses import replace
from types import SimpleNamespace

import pytest

from examples import samples
from examples.services import debian


@pytest.fixture
def commands(monkeypatch):
    """What would be run."""
    ran = []
    monkeypatch.setattr(debian.os, "geteuid", lambda: 0)
    monkeypatch.setattr(debian.shutil, "which", lambda program: f"/usr/bin/{program}")
    monkeypatch.setattr(subprocess, "run", lambda command, **how: ran.append(command) or SimpleNamespace(returncode=0))
    return ran


def test_nothing_where_the_data_are(commands):
    debian.ensure_data()
    assert commands == []


def test_the_package_where_they_are_not(commands, monkeypatch, tmp_path):
    monkeypatch.setitem(samples.SAMPLES, "storm", replace(samples.SAMPLES["storm"], home=str(tmp_path)))
    debian.ensure_data()
    assert [command[1] for command in commands] == ["update", "install"]
    assert commands[1][-1] == "libncarg-data"


def test_where_there_is_no_debian_it_says_what_would_do(commands, monkeypatch, tmp_path):
    monkeypatch.setitem(samples.SAMPLES, "storm", replace(samples.SAMPLES["storm"], home=str(tmp_path)))
    monkeypatch.setattr(debian.shutil, "which", lambda program: None)
    with pytest.raises(SystemExit, match="libncarg-data, as root, on Debian"):
        debian.ensure_data()
    assert commands == []
