"""Conformance of contact directories: subclass `ContactDirectoryTests` and give it its fixtures.

::

    class TestMyDirectory(ContactDirectoryTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def sample(self):
            return DirectorySample(
                files={"people.csv": b"..."}, contacts={"ana@example.com": "C-017"}, activities=2,
                opted_out=["max@example.com"],
            )
"""

from __future__ import annotations

import datetime as dt
import io
import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

import attrs
import pytest

from receivables.adapters import AdapterSpec, ContactDirectory, DirectoryRecord
from receivables.contacts import Activity, ActivityKind, DirectoryEntry
from receivables.problems import CODES
from receivables.reading import Collected
from receivables.testing._abilities import AbilityTests, is_own_code

__all__ = ["ContactDirectoryTests", "DirectorySample"]


_CARD: Final = "4111111111111111"
"""A number that the card networks give for tests."""
_CELL: Final = re.compile(rb"[^\",;\t\r\n]+")
_FORMULAS: Final = "=+-@"
_FORMULA: Final = re.compile(r"(?:^|[,;\t\"])[=+@-]cmd", re.MULTILINE)
"""A cell that a spreadsheet takes for a formula, at the beginning of a line or behind a separator."""


def _frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class DirectorySample:
    """The files of a directory, and what is known about them.

    `contacts` has the customer of each e-mail address, `opted_out` the addresses that must not be
    written to, `problems` the codes that the report must have, and no others.
    """

    files: Mapping[str, bytes] = attrs.field(converter=_frozen, repr=False)
    contacts: Mapping[str, str] = attrs.field(converter=_frozen)
    activities: int = 0
    opted_out: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    problems: frozenset[str] = attrs.field(default=frozenset(), converter=frozenset)
    settings: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen)


class ContactDirectoryTests(AbilityTests):
    """What every contact directory must do; give the fixtures `spec` and `sample`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "activities": ("test_activities_are_those_of_the_files",),
            "contacts": ("test_contacts_belong_to_their_customers",),
            "write": ("test_what_is_written_says_everything_once",),
        }
    )
    """Each ability that a directory may declare, and the test that asks for it."""

    @pytest.fixture
    def sample(self) -> DirectorySample:
        """The files of a directory."""
        raise NotImplementedError

    def test_contacts_belong_to_their_customers(
        self, spec: AdapterSpec[Any], sample: DirectorySample
    ) -> None:
        """Each e-mail address belongs to the expected customer, and who opted out is not written to."""
        read = _read(spec, sample)
        entries = [row for row in read.rows if isinstance(row, DirectoryEntry)]
        found = {row.contact.email: str(row.customer) for row in entries if row.contact.email}
        closed = {row.contact.email for row in entries if not row.may_be_written_to} - {""}

        assert found == dict(sample.contacts)
        assert closed == set(sample.opted_out)
        names = Counter(row.entry for row in entries)
        assert [name for name, count in names.items() if count > 1] == []

    def test_activities_are_those_of_the_files(
        self, spec: AdapterSpec[Any], sample: DirectorySample
    ) -> None:
        """Every activity comes once, with a moment in a zone."""
        _ask(spec, "activities")
        found = [row for row in _read(spec, sample).rows if isinstance(row, Activity)]

        assert len({row.activity for row in found}) == len(found) == sample.activities > 0

    def test_report_tells_the_truth(self, spec: AdapterSpec[Any], sample: DirectorySample) -> None:
        """The report has the expected problems, with their places, and reading again says the same."""
        read = _read(spec, sample)

        assert {problem.code for problem in read.report.problems} == sample.problems
        assert _read(spec, sample) == read
        for problem in read.report.problems:
            assert problem.code in CODES or is_own_code(problem.code, spec.name)
            assert problem.place.source in sample.files

    def test_no_cell_lets_a_card_number_in(
        self, spec: AdapterSpec[Any], sample: DirectorySample
    ) -> None:
        """In the place of any cell, a card number reaches neither a record nor a problem."""
        for name, content in sample.files.items():
            for cell in _CELL.finditer(content):
                changed = content[: cell.start()] + _CARD.encode() + content[cell.end() :]
                read = _read(spec, attrs.evolve(sample, files={**sample.files, name: changed}))

                assert _CARD not in repr(read)

    def test_noise_never_raises(self, spec: AdapterSpec[Any], sample: DirectorySample) -> None:
        """Bytes that are no such files are a problem in the report, and never an exception."""
        noise = random.Random(3).randbytes(2000)  # noqa: S311  # noise, not secrets
        for content in (b"", noise, b"\0" * 50):
            files = dict.fromkeys(sample.files, content)

            assert not _read(spec, attrs.evolve(sample, files=files)).report.complete

    def test_what_is_written_says_everything_once(
        self, spec: AdapterSpec[Any], sample: DirectorySample
    ) -> None:
        """Activities written out are there with all they say, and no cell begins a formula."""
        _ask(spec, "write")
        customer = next(iter(sample.contacts.values()))
        made = [
            Activity(
                activity=f"A-{number}",
                customer=customer,
                kind=kind,
                subject=f"{_FORMULAS[number % len(_FORMULAS)]}cmd|{number}",
                body="first line\nsecond, with a comma",
                at=dt.datetime(2026, 10, 5, 9, number, tzinfo=dt.UTC),
            )
            for number, kind in enumerate(ActivityKind, start=1)
        ]
        _read(spec, sample)
        directory = _directory(spec, sample)
        directory.read({name: io.BytesIO(each) for name, each in sample.files.items()}).collect()
        files = dict(directory.write(made))
        text = "\n".join(content.decode("utf-8-sig") for content in files.values())

        assert all(text.count(f"cmd|{number}") == 1 for number in range(1, len(made) + 1))
        assert "second, with a comma" in text
        assert _FORMULA.findall(text) == []


def _directory(spec: AdapterSpec[Any], sample: DirectorySample) -> ContactDirectory:
    directory: ContactDirectory = spec.build(sample.settings)
    return directory


def _read(spec: AdapterSpec[Any], sample: DirectorySample) -> Collected[DirectoryRecord]:
    files = {name: io.BytesIO(content) for name, content in sample.files.items()}
    return _directory(spec, sample).read(files).collect()


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")
