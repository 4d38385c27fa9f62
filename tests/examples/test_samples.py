"""The samples against the files themselves, and what is said when their files are not there.

A new sample adds one line to FACTS.
"""

import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest
import xarray as xr

from examples import samples

# Files; the first and the last month over all of them, or None where they have no time that Xarray can read.
FACTS = {
    "cmip6": (270, "1850-01", "2016-12"),
    "fesom-pi": (1, "1948-07", "1949-07"),
    "pp-files": (7, None, None),
    "soundings-1999": (1, None, None),
    "storm": (4, None, None),
    "one-analysis": (1, None, None),
    "ash": (1, None, None),
}

SAMPLE = samples.Sample(
    title="a", origin="b", licence="c", credit="d", grid="e", span="f", package="some-data", home="", pattern="*.txt", figure="g"
)


def test_every_sample_has_its_facts_here():
    assert FACTS.keys() == samples.SAMPLES.keys()


def _there(name: str) -> bool:
    """Whether a sample can be read here: what a package of Debian brings is not on every machine."""
    home = samples.SAMPLES[name].home
    return not home.startswith("/") or Path(home).is_dir()


def _months(paths: list[Path]) -> tuple[str, str]:
    """The first and the last month in the files, each in its own calendar."""
    found = set()
    for path in paths:
        with xr.open_dataset(path, decode_times=xr.coders.CFDatetimeCoder(use_cftime=True)) as data:
            found |= {f"{time:%Y-%m}" for time in data["time"].values[[0, -1]]}
    return min(found), max(found)


@pytest.mark.parametrize("name", FACTS)
def test_a_sample_is_what_it_is_known_to_be(name):
    files, first, last = FACTS[name]
    if not _there(name):
        with pytest.raises(samples.MissingData, match=rf"apt-get install --reinstall {samples.SAMPLES[name].package}"):
            samples.paths(name)
        return
    paths = samples.paths(name)
    assert (len(paths), paths) == (files, sorted(paths))
    assert all(path.stat().st_size for path in paths)
    if first:
        assert _months(paths) == (first, last)


@pytest.mark.parametrize("name", FACTS)
def test_what_stands_under_a_figure_is_the_sample_s(name):
    assert samples.source(name) == samples.SAMPLES[name].figure != ""


@pytest.mark.parametrize("name", [name for name in FACTS if samples.SAMPLES[name].by_pip])
@pytest.mark.parametrize("spec", [None, SimpleNamespace(submodule_search_locations=None)])
def test_a_package_that_is_not_installed_is_named_with_the_mend(name, spec, monkeypatch):
    monkeypatch.setattr(samples, "find_spec", lambda module: spec)
    package = samples.SAMPLES[name].package
    with pytest.raises(samples.MissingData) as error:
        samples.paths(name)
    assert (
        str(error.value) == f"the data set {name!r} needs the package {package}, which is not installed; run: pip install {package}"
    )


@pytest.mark.parametrize(
    ("home", "mend"),
    [
        ("some_data", "pip install --force-reinstall some-data"),
        ("/usr/share/some-data", "apt-get install --reinstall some-data, as root, on Debian"),
        ("data/some", "git checkout data/some"),
    ],
    ids=["pip", "Debian", "project"],
)
def test_a_home_without_the_files_is_named_with_the_mend(home, mend, tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "ROOT", tmp_path)
    monkeypatch.setattr(samples, "find_spec", lambda module: SimpleNamespace(submodule_search_locations=[str(tmp_path / module)]))
    with pytest.raises(samples.MissingData) as error:
        replace(SAMPLE, home=home).paths("some")
    assert str(error.value) == f"the data set 'some': no *.txt in {tmp_path / home}; run: {mend}"


@pytest.mark.parametrize("inside", [True, False], ids=["project", "Debian"])
def test_files_of_the_project_and_of_debian_are_found_in_order(inside, tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "ROOT", tmp_path)
    folder = tmp_path / "data/some"
    folder.mkdir(parents=True)
    for name in ("b.txt", "a.txt", "c.dat"):
        (folder / name).write_text("1")
    home = "data/some" if inside else str(folder)
    sample = replace(SAMPLE, home=home)
    assert not sample.by_pip
    assert sample.files("some") == {f"{home}/a.txt": folder / "a.txt", f"{home}/b.txt": folder / "b.txt"}
    assert sample.paths("some") == [folder / "a.txt", folder / "b.txt"]


@pytest.mark.parametrize("name", [name for name in FACTS if samples.SAMPLES[name].by_pip])
def test_a_damaged_file_of_a_package_is_named(name, tmp_path, monkeypatch):
    sample = samples.SAMPLES[name]
    key, path = next(iter(sample.files(name).items()))
    copy = tmp_path / key.removeprefix(f"{sample.home}/")
    copy.parent.mkdir(parents=True)
    copy.write_bytes(path.read_bytes()[:-1])
    monkeypatch.setattr(samples, "find_spec", lambda module: SimpleNamespace(submodule_search_locations=[str(tmp_path)]))
    with pytest.raises(samples.MissingData) as error:
        samples.paths(name)
    mend = f"pip install --force-reinstall {sample.package}=={version(sample.package)}"
    assert str(error.value) == f"{copy}: the file is damaged or missing; run: {mend}"


@pytest.mark.parametrize("function", [samples.paths, samples.source])
def test_an_unknown_name_lists_those_that_there_are(function):
    with pytest.raises(KeyError, match="there is no data set 'cmip5'; did you mean 'cmip6'") as error:
        function("cmip5")
    assert all(name in str(error.value) for name in samples.SAMPLES)


AUDIT = """
import sys
from examples import samples
seen = set()
sys.addaudithook(lambda event, args: event == "open" and seen.add(str(args[0])))
for name in sys.argv[1:]:
    wanted = {str(path) for path in samples.paths(name)}
    print(name, len(wanted), wanted <= seen)
"""


def test_python_itself_opens_every_file():
    names = [name for name in FACTS if _there(name)]
    command = [sys.executable, "-c", AUDIT, *names]
    run = subprocess.run(command, cwd=samples.ROOT, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert run.stdout.splitlines() == [f"{name} {FACTS[name][0]} True" for name in names]
