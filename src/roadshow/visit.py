"""A visit: which institution, when, who meets whom, with which data and cluster. One TOML file a visit."""

from __future__ import annotations

import difflib
import unicodedata
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints
from pydantic_core import PydanticCustomError

Kind = Literal[
    "weather service", "climate or weather centre", "space agency", "HPC centre",
    "national laboratory", "government science agency", "university", "company",
]  # fmt: skip
"""The kinds of institution; the evidence has the same."""

Region = Literal["Africa", "Asia", "Europe", "North America", "South America", "Oceania"]

Audience = Literal[
    "allies", "it", "broad", "hpc", "cloud", "pipelines", "platform", "executives", "maintainers", "developers", "everyone"
]
"""Who a meeting is for: the words by which the plan knows the questions to expect."""


def is_control(letter: str) -> bool:
    """Whether a character commands what shows it: a control, another end of line, or one that turns the direction of text.

    Those that only isolate a direction, or join letters, belong to the writing of some languages.
    """
    return unicodedata.category(letter) in {"Cc", "Zl", "Zp"} or unicodedata.bidirectional(letter) in {"LRO", "RLO"}


def _clean(text: str) -> str:
    if any(is_control(letter) and letter != "\n" for letter in text):
        raise PydanticCustomError("control", "holds a control character; take it out")
    return text


def _one_line(text: str) -> str:
    if "\n" in text:
        raise PydanticCustomError("line", "goes over several lines; write it on one")
    return text


def known_zone(name: str) -> str:
    """The name of a time zone, if it is one."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        zones = zoneinfo.available_timezones()
        near = difflib.get_close_matches(name, sorted(zones), n=1)
        place = [zone for zone in sorted(zones) if name.casefold().replace(" ", "_") in zone.casefold().split("/")]
        hint = f"did you mean {(near or place)[0]!r}?" if near or place else "write one such as Europe/London"
        raise PydanticCustomError("zone", "is {name}, which is no time zone; {hint}", {"name": repr(name), "hint": hint}) from None
    return name


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is not None:
        message = "is given with an offset; write the local time of the institution, such as 2027-05-11T09:30:00"
        raise PydanticCustomError("offset", message)
    return moment


def _web(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise PydanticCustomError("web", "is no web address; write one that begins with https://")
    return url


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_clean)]
"""A text, which may go over several lines."""
Line = Annotated[Text, AfterValidator(_one_line)]
"""A text on one line, in any script."""
Lines = list[Line]
Address = Annotated[Line, AfterValidator(_web)]
"""An address on the web."""


def _says(description: str, *, private: bool = False, **more: Any) -> Any:
    """A field with its sentence in the reference; a `private` one never leaves in a public build."""
    return Field(description=description, json_schema_extra={"private": True} if private else None, **more)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Named(_Table):
    _key: str = PrivateAttr("")

    @property
    def key(self) -> str:
        """The name of the table, by which other tables and files speak of it."""
        return self._key


class Institution(_Table):
    """Whom you visit."""

    name: Line = _says("Its name in full, as on the title slide.", examples=["Name of the institution"])
    short_name: Line = _says("What people call it; the name itself where this is left out.", default="-")
    aliases: Lines = _says("Other names under which the evidence may list it: nobody is shown as proof to themselves.", default=[])
    kind: Kind = _says("What it is. The evidence shows those of its kind first.", examples=["weather service"])
    country: Line = _says("Its country.", examples=["Country"])
    region: Region = _says(
        "Its part of the world. Among those of its kind, the evidence shows neighbours first.", examples=["Europe"]
    )
    city: Line = _says("The city where you meet.", examples=["City"])
    timezone: Annotated[str, AfterValidator(known_zone)] = _says(
        "Its time zone, by its IANA name. Every time in this file is local time there.", examples=["Europe/London"]
    )
    staff: int | None = _says("Roughly how many work there.", default=None, gt=0)
    analysts: int | None = _says("Roughly how many of them analyse data.", default=None, gt=0)
    pains: Lines = _says("What hurts, as the allies named it, a line each.", default=[], private=True)


class Dates(_Table):
    """When, and in which languages."""

    start: date = _says("The first day.", strict=False, examples=[date(2027, 5, 11)])
    end: date = _says("The last day.", strict=False, examples=[date(2027, 5, 12)])
    shown: Line = _says("The dates as the title slide shows them; spelled out from the two where this is left out.", default="-")
    languages: Lines = _says("The languages that you can speak there, the first one first.", default=["English"])
    account: Address | None = _says(
        "The address of a published account of the visit. With it, nothing in this file counts as private.", default=None
    )


class Rules(_Table):
    """The house rules that matter."""

    outside_network: bool = _says("Whether the rooms have a network that reaches the outside.", default=False)
    personal_laptops: bool = _says("Whether your own laptops may join their network.", default=False)
    recording_consent: bool = _says("Whether those seen or heard in a recording have to agree in writing.", default=True)
    others: Lines = _says("Further rules, a line each: badges, photographs, sticks.", default=[], private=True)


class Visitor(_Named):
    """One who travels: `maintainer` and `scientist` are the names that the decks use."""

    name: Line = _says("The name, as on the slides.", examples=["The speaker"])
    line: Line = _says("One line about them, as on the slide that introduces them.", examples=["What they do."])
    contact: Line | None = _says("How to reach them during the visit.", default=None, private=True)


class Host(_Named):
    """One who receives you."""

    name: Line = _says("The name.", private=True, examples=["The host"])
    group: Line = _says("The group they work in.", private=True, examples=["The group"])
    hopes: Text | None = _says("What they hope for from the visit.", default=None, private=True)
    contact: Line | None = _says("How to reach them.", default=None, private=True)


class Meeting(_Named):
    """One meeting; its table's name stays the same when it moves, so that calendars can follow."""

    step: int = _says("Which step of the playbook it is, from 1 to 7.", ge=1, le=7, examples=[1])
    group: Line = _says("Whom you meet, as they call themselves.", private=True, examples=["The group"])
    audience: Audience = _says("Which kind of people they are: the questions to expect follow from it.", examples=["everyone"])
    start: Annotated[datetime, AfterValidator(_local)] = _says(
        "Day and time, local at the institution.", strict=False, examples=[datetime(2027, 5, 11, 9, 30)]
    )
    minutes: int = _says("How long it lasts.", gt=0, le=24 * 60, examples=[60])
    room: Line | None = _says("Where.", default=None, private=True)
    call: Address | None = _says("The address of the call, where somebody is not in the room.", default=None, private=True)
    recorded: bool = _says("Whether it is recorded.", default=False)
    deck: Line | None = _says("The deck that is shown, by its name.", default=None)
    talk: int | None = _says("The minutes of it that the talk may take; all of them where this is left out.", default=None, gt=0)
    drop: Lines = _says("Segments of the deck that are left out.", default=[])
    first: Line | None = _says("Which visitor speaks first.", default=None)
    visitors: Lines | None = _says("Which visitors are there; all of them where this is left out.", default=None)
    hosts: Lines = _says("Which hosts are there.", default=[])
    remarks: Text | None = _says("Anything else to know before going in.", default=None, private=True)

    @property
    def place(self) -> str | None:
        """The room and the call, on one line; nothing where neither is settled."""
        return "; ".join(part for part in (self.room, self.call and f"call: {self.call}") if part) or None

    @property
    def end(self) -> datetime:
        """When it ends, local at the institution, by the clock on the wall where no clock change comes between."""
        return self.start + timedelta(minutes=self.minutes)


class Data(_Named):
    """Data of theirs, in the place of a data set of the catalogue with the table's name."""

    path: Line | None = _says(
        "A file, a pattern of files, or a Zarr folder; from the project's folder on.", default=None, private=True
    )
    url: Address | None = _says("An address, where it is no path.", default=None, private=True)
    variable: Line | None = _says("The variable, where CF metadata leave several to choose from.", default=None, private=True)
    source: Line = _says("Whose data they are: shown on every figure.", private=True, examples=["Whose data they are"])
    synthetic: bool = _says("Whether they were made up; every figure then says so.", default=False)


class Cluster(_Table):
    """How the cells reach Dask."""

    kind: Literal["local", "address", "slurm", "pbs", "gateway"] = _says(
        "On this machine, at the address of a scheduler that runs, through SLURM or PBS, or by a Dask Gateway.", default="local"
    )
    address: Line | None = _says("Of the scheduler, or of the gateway.", default=None, private=True)
    workers: int = _says("How many workers to ask for.", default=2, gt=0, le=1000)
    options: dict[str, Any] = _says("What Dask's own class takes, under its own names.", default={}, private=True)
    config: dict[str, Any] = _says("Dask's configuration, under its own names.", default={}, private=True)


class Visit(_Table):
    """A visit."""

    institution: Institution = _says("Whom you visit.")
    visit: Dates = _says("When, and in which languages.")
    rules: Rules = _says("The house rules that matter.", default=Rules())
    visitors: dict[str, Visitor] = _says("Who travels.", min_length=1)
    hosts: dict[str, Host] = _says("Who receives you.", default={})
    meetings: dict[str, Meeting] = _says("What takes place.", default={})
    data: dict[str, Data] = _says("Data of theirs in the place of the catalogue's.", default={})
    cluster: Cluster = _says("How the cells reach Dask.", default=Cluster())

    _name: str = PrivateAttr("visit")

    def model_post_init(self, context: Any) -> None:
        for tables in (self.visitors, self.hosts, self.meetings, self.data):
            for key, table in tables.items():
                table._key = key

    @property
    def name(self) -> str:
        """The name of its file."""
        return self._name

    @property
    def called(self) -> str:
        """What people call the institution."""
        short = self.institution.short_name
        return self.institution.name if short == "-" else short

    @property
    def when(self) -> str:
        """The dates, as the title slide shows them."""
        return spelled(self.visit.start, self.visit.end) if self.visit.shown == "-" else self.visit.shown

    def on(self, moment: datetime) -> str:
        """The day of a meeting, as the title slide shows it."""
        return spelled(moment.date(), moment.date()) if self.visit.shown == "-" else self.visit.shown

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The institution's time zone."""
        return zoneinfo.ZoneInfo(self.institution.timezone)

    @property
    def timetable(self) -> list[Meeting]:
        """The meetings in the order of their start."""
        return sorted(self.meetings.values(), key=lambda meeting: (meeting.start, meeting.key))

    def present(self, meeting: Meeting) -> list[str]:
        """The names of the tables of the visitors who are at a meeting."""
        return list(self.visitors) if meeting.visitors is None else meeting.visitors

    def span(self, meeting: Meeting) -> tuple[datetime, datetime]:
        """The start and the end of a meeting, with the time zone; its minutes are minutes on every clock."""
        start = meeting.start.replace(tzinfo=self.zone)
        return start, (start.astimezone(UTC) + timedelta(minutes=meeting.minutes)).astimezone(self.zone)


MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


def spelled(start: date, end: date) -> str:
    """A span of days in words: 11–12 May 2027."""
    last = f"{end.day} {MONTHS[end.month - 1]} {end.year}"
    if start == end:
        return last
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{last}"
    first = f"{start.day} {MONTHS[start.month - 1]}"
    return f"{first} – {last}" if start.year == end.year else f"{first} {start.year} – {last}"


def private_texts(visit: Visit) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text of a visit that must not leave, with the place that it stands in; none where an account is published."""
    if visit.visit.account is None:
        yield from _texts(visit, (), private=False)


def _texts(value: Any, where: tuple[str, ...], private: bool) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            marked = isinstance(field.json_schema_extra, dict) and "private" in field.json_schema_extra
            yield from _texts(getattr(value, name), (*where, name), private or marked)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*where, str(key)), private)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, where, private)
    elif isinstance(value, str) and private:
        yield where, value
