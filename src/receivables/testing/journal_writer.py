"""Conformance of journal writers: subclass `JournalWriterTests` and give it two fixtures.

A test module of a plug-in says what it brings and how its file is read back::

    class TestMyWriter(JournalWriterTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def read_back(self):
            return lambda content: my_reader(content).balances

>>> journal = sample_journal(texts="A")
>>> len(journal), journal.balances()["MIRA", "411"]
(8, 13237)
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

import attrs
import pytest

from receivables.accounting.model import (
    Chart,
    EntryId,
    GlAccount,
    Journal,
    JournalEntry,
    JournalLine,
    Role,
)
from receivables.adapters import AdapterSpec, JournalWriter
from receivables.documents.model import ItemId
from receivables.errors import DocumentError
from receivables.parties import CreditorId, CustomerId
from receivables.testing._abilities import AbilityTests

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = [
    "HOSTILE_TEXTS",
    "SAMPLE_CHART",
    "JournalWriterTests",
    "ReadBack",
    "journals",
    "long_journal",
    "sample_journal",
    "two_creditors",
]

HOSTILE_TEXTS: Final = (
    'Dupont & Fils; "les vrais" d\'Erdre',
    "Line one\r\nLine two\ttabbed",
    "2026-01-01 * (x) ; comment",
    "date:2026-99-99 [2026-99-99], entry:other",
    "A|B,C;D:E::F  G",
    "=HYPERLINK(1+1)",
    "#tag ^link @@ 5 EUR {1 USD} \\ \\n",
    "!*&%$§°²€",
    "\U0001f4b6 \U0001f469\u200d\U0001f4bc",
    "\u202egnp.exe \u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "\u5ba2\u6237 \u304a\u5ba2\u69d8 \ud55c\uad6d",
    "\u00a0\u2003\u200b\u2028x\u2029\u0085",
    "e\u0301\u0301 \u00df \ufb01 \u0130",
    "half \ud800 and nothing \x00\x1b[31m",
    "-" * 300,
    "end of the file\x1a",
)
"""Texts that a careless writer turns into another line, a date, a tag, a formula or an error."""

_DAY: Final = dt.date(2026, 1, 15)
_RECORDED: Final = dt.datetime(2026, 1, 16, 8, 30, tzinfo=dt.UTC)
_DEBTOR: Final = CustomerId("C-017")

SAMPLE_CHART: Final = Chart(
    name="sample",
    version="1",
    accounts={
        Role.RECEIVABLE: GlAccount("411", "Clients"),
        Role.ADVANCE: GlAccount("4191", "Avances reçues"),
        Role.BANK: GlAccount("512", "Banque"),
        Role.REVENUE: GlAccount("706", "Prestations de services"),
        Role.TAX: GlAccount("44571", "TVA collectée"),
        Role.SETTLEMENT_DISCOUNT: GlAccount("665", "Escomptes accordés"),
        Role.EXCHANGE_LOSS: GlAccount("666", "Pertes de change"),
        Role.EXCHANGE_GAIN: GlAccount("766", "Gains de change"),
    },
)
"""The chart of the samples, whose numbers are those of the French one."""

ReadBack: TypeAlias = Callable[[bytes], Mapping[tuple[str, str], int]]
"""From a file to the functional balance of each account by creditor and number, in minor units."""


def _line(role: Role, amount_minor: int, **given: Any) -> JournalLine:  # noqa: ANN401  # the fields of a line
    values: dict[str, Any] = {
        "account": SAMPLE_CHART.account(role),
        "currency": "EUR",
        "functional_minor": amount_minor,
    }
    return JournalLine(role=role, amount_minor=amount_minor, **(values | given))


def _entry(number: int, kind: str, lines: Iterable[JournalLine], **given: Any) -> JournalEntry:  # noqa: ANN401  # the fields of an entry
    values: dict[str, Any] = {
        "entry": EntryId(f"e-{number}"),
        "creditor": CreditorId("MIRA"),
        "date": _DAY + dt.timedelta(days=number),
        "recorded_at": _RECORDED + dt.timedelta(days=number),
        "functional_currency": "EUR",
    }
    return JournalEntry(kind=kind, lines=lines, **(values | given))


def sample_journal(*, texts: str = "") -> Journal:
    """Eight entries in six currencies: sales, a receipt, an allocation with an exchange difference.

    An amount has no value in the books, or the value has no amount; one has the opposite sign.
    `texts` stands in every text of one entry: names, numbers, references, dimensions.
    """
    return Journal(
        chart=SAMPLE_CHART,
        functional_currency="EUR",
        entries=[*_sales(), *_settled(), *_odd(), _said(texts or "text")],
    )


def _sales() -> Iterator[JournalEntry]:
    first = [
        _line(Role.RECEIVABLE, 120_00, customer=_DEBTOR, item="F-1"),
        _line(Role.REVENUE, -100_00),
        _line(Role.TAX, -20_00, dimensions=[("site", "Nantes"), ("cost center", "100")]),
    ]
    yield _entry(1, "DocumentIssued", first, document="F-1", document_date=_DAY, event="issued:1")
    dollars: dict[str, Any] = {"currency": "USD"}
    second = [
        _line(
            Role.RECEIVABLE, 100_01, functional_minor=92_37, customer="C-018", item="F-2", **dollars
        ),
        _line(Role.REVENUE, -66_67, functional_minor=-61_58, **dollars),
        _line(Role.REVENUE, -33_34, functional_minor=-30_79, **dollars),
    ]
    yield _entry(2, "DocumentIssued", second, document="F-2", event="issued:2")


def _settled() -> Iterator[JournalEntry]:
    money: dict[str, Any] = {"currency": "USD", "customer": "C-018", "item": "R-2"}
    invoice = {**money, "item": "F-2"}
    received = [
        _line(Role.BANK, 100_01, currency="USD", functional_minor=90_00),
        _line(Role.RECEIVABLE, -100_01, functional_minor=-90_00, **money),
    ]
    yield _entry(3, "ReceiptRecorded", received, event="received:2")
    allocated = [
        _line(Role.RECEIVABLE, 100_01, functional_minor=90_00, **money),
        _line(Role.RECEIVABLE, -100_01, functional_minor=-92_37, **invoice),
        _line(Role.EXCHANGE_LOSS, 0, currency="USD", functional_minor=2_37),
    ]
    yield _entry(4, "Allocated", allocated, event="allocated:2")
    revalued = [
        _line(Role.RECEIVABLE, 0, currency="USD", functional_minor=12_37, customer=_DEBTOR),
        _line(Role.EXCHANGE_GAIN, 0, functional_minor=-12_37),
    ]
    yield _entry(5, "revaluation", revalued)


def _odd() -> Iterator[JournalEntry]:
    places = [("JPY", 1_000_000, 6_543_21), ("KWD", 7, 2), ("CLF", 12_345, 3), ("USD", 1, 0)]
    lines = [
        _line(Role.BANK, sign * amount, currency=code, functional_minor=sign * value)
        for code, amount, value in places
        for sign in (1, -1)
    ]
    yield _entry(6, "conversion", lines, recorded_at=None)
    against = [
        _line(Role.ADVANCE, 1_00, currency="USD", functional_minor=-5, customer=_DEBTOR),
        _line(Role.BANK, -1_00, currency="USD", functional_minor=5),
    ]
    yield _entry(7, "correction", against)


def _said(text: str) -> JournalEntry:
    # A chart has no name with outer blanks.
    named = GlAccount("4111", text.strip())
    given: dict[str, Any] = {"counterparty": text, "text": text, "dimensions": [(text, text)]}
    lines = [
        _line(Role.RECEIVABLE, 1_00, account=named, customer=text, item=ItemId(text), **given),
        _line(Role.REVENUE, -1_00, **given),
    ]
    return _entry(8, text, lines, text=text, document=text, event=text, entry=EntryId(text))


def long_journal(count: int) -> Journal:
    """As many small sales, on days of two months."""
    entries = [
        _entry(
            number % 60,
            "DocumentIssued",
            [
                _line(Role.RECEIVABLE, 100 + number, customer=_DEBTOR, item=f"F-{number}"),
                _line(Role.REVENUE, -100 - number),
            ],
            entry=EntryId(f"e-{number}"),
        )
        for number in range(count)
    ]
    ordered = sorted(entries, key=lambda entry: entry.date)
    return Journal(chart=SAMPLE_CHART, functional_currency="EUR", entries=ordered)


def two_creditors() -> Journal:
    """The same sale of two creditors."""
    (sale, *_) = _sales()
    other = attrs.evolve(sale, creditor=CreditorId("NORD"), entry=EntryId("e-other"))
    return Journal(chart=SAMPLE_CHART, functional_currency="EUR", entries=[sale, other])


def journals(*, creditors: int = 1) -> SearchStrategy[Journal]:
    """Draw journals that balance and nothing more: any amounts, any currencies, any texts.

    It needs Hypothesis, which is imported here and not before.
    """
    from hypothesis import strategies as st  # noqa: PLC0415  # a part of `testing` that may be missing

    return st.composite(_drawn_journal)(creditors)


def _drawn_journal(draw: DrawFn, creditors: int) -> Journal:
    from hypothesis import strategies as st  # noqa: PLC0415  # see above

    functional = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    days = sorted(draw(st.lists(st.dates(min_value=dt.date(2000, 1, 1)), max_size=5)))
    entries = []
    for number, day in enumerate(days):
        entry = JournalEntry(
            entry=EntryId(f"e-{number}"),
            creditor=CreditorId(f"M-{draw(st.integers(1, creditors))}"),
            date=day,
            kind=draw(st.sampled_from(["DocumentIssued", "Allocated", *HOSTILE_TEXTS])),
            functional_currency=functional,
            lines=draw(_drawn_lines(functional)),
            text=draw(_texts()),
            document=draw(_texts()),
            event=draw(_texts()),
        )
        entries.append(entry)
    return Journal(chart=SAMPLE_CHART, functional_currency=functional, entries=entries)


def _texts() -> SearchStrategy[str]:
    from hypothesis import strategies as st  # noqa: PLC0415  # see above

    return st.sampled_from(HOSTILE_TEXTS) | st.text(max_size=12)


def _drawn_lines(functional: str) -> SearchStrategy[list[JournalLine]]:
    from hypothesis import strategies as st  # noqa: PLC0415  # see above

    amounts = st.integers(-(10**13), 10**13) | st.integers(-3, 3)
    part = st.tuples(
        st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF"]),
        st.lists(st.tuples(amounts, amounts), min_size=1, max_size=3),
    )

    @st.composite
    def lines(draw: DrawFn) -> list[JournalLine]:
        made = []
        for code, pairs in draw(st.lists(part, min_size=1, max_size=3)):
            against = (-sum(pair[0] for pair in pairs), -sum(pair[1] for pair in pairs))
            for amount, value in (*pairs, against):
                same = code == functional and draw(st.booleans())
                made.append(draw(_drawn_line(code, amount, amount if same else value)))
        return _squared(made, functional)

    return lines()


def _drawn_line(code: str, amount: int, value: int) -> SearchStrategy[JournalLine]:
    from hypothesis import strategies as st  # noqa: PLC0415  # see above

    def build(role: Role, customer: str, text: str) -> JournalLine:
        given: dict[str, Any] = {"currency": code, "functional_minor": value, "text": text}
        return _line(role, amount, customer=customer, item=ItemId(customer), **given)

    customers = st.sampled_from(["", "C-1", "c-1", "C.1", "客户"])
    return st.builds(build, st.sampled_from(list(SAMPLE_CHART.accounts)), customers, _texts())


def _squared(lines: list[JournalLine], functional: str) -> list[JournalLine]:
    """Add what the values in the books lack to zero, as a line without an amount."""
    lacking = -sum(line.functional_minor for line in lines)
    difference = {"currency": functional, "functional_minor": lacking}
    return [*lines, _line(Role.EXCHANGE_LOSS, 0, **difference)] if lacking else lines


class JournalWriterTests(AbilityTests):
    """What every journal writer must do; give the fixtures `spec` and `read_back`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "deterministic": ("test_same_journal_gives_same_bytes",),
            "entities": ("test_creditors_are_kept_apart",),
        }
    )
    """Each ability that a writer may declare, and the tests that ask for it."""

    @pytest.fixture
    def settings(self) -> Mapping[str, Any]:
        """The settings of the writer."""
        return {}

    @pytest.fixture
    def read_back(self) -> ReadBack:
        """How a file of the writer is read back, by something that the writer did not make."""
        raise NotImplementedError

    @pytest.fixture
    def writer(self, spec: AdapterSpec[Any], settings: Mapping[str, Any]) -> JournalWriter:
        """The writer."""
        writer: JournalWriter = spec.build(settings)
        return writer

    def test_file_says_what_it_is(self, writer: JournalWriter) -> None:
        """The media type and the suffix name a kind of file."""
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", writer.media_type)
        assert re.fullmatch(r"\.[a-z0-9]+", writer.suffix)

    def test_empty_journal_is_written(self, writer: JournalWriter, read_back: ReadBack) -> None:
        """A journal without an entry is a file without a balance, and not nothing."""
        content = _whole(writer, long_journal(0))

        assert content
        assert _moved(read_back(content)) == {}

    def test_every_balance_comes_back(self, writer: JournalWriter, read_back: ReadBack) -> None:
        """Each account has its balance in the books to the last minor unit, whatever the currency."""
        journal = sample_journal()

        assert _moved(journal.balances()) == _moved(read_back(_whole(writer, journal)))

    @pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=ascii)
    def test_hostile_text_changes_no_balance(
        self, writer: JournalWriter, read_back: ReadBack, text: str
    ) -> None:
        """A text in every place where a text can stand leaves the file readable, and its sums."""
        journal = sample_journal(texts=text)

        assert _moved(journal.balances()) == _moved(read_back(_whole(writer, journal)))

    def test_long_journal_comes_in_pieces(self, writer: JournalWriter) -> None:
        """No piece is a tenth of a long file, and the file is all of them."""
        pieces = list(writer.write(long_journal(40_000)))

        assert all(isinstance(piece, bytes) for piece in pieces)
        assert max(map(len, pieces)) * 10 < sum(map(len, pieces))

    def test_refusal_comes_before_the_first_piece(self, writer: JournalWriter) -> None:
        """A currency that has no minor unit is refused, however late it comes, and nothing is written."""
        lines = [_line(Role.BANK, sign, currency="ZZZ") for sign in (1, -1)]
        good = long_journal(10)
        journal = attrs.evolve(good, entries=[*good, _entry(70, "unknown", lines)])
        pieces: list[bytes] = []

        with pytest.raises(DocumentError):
            pieces.extend(itertools.islice(writer.write(journal), 1))

        assert pieces == []

    def test_same_journal_gives_same_bytes(
        self, spec: AdapterSpec[Any], settings: Mapping[str, Any], writer: JournalWriter
    ) -> None:
        """Equal journals give equal files, from the same writer and from another."""
        _ask(spec, "deterministic")
        first = _whole(writer, sample_journal(texts="x"))
        _whole(writer, long_journal(3))

        assert first == _whole(writer, sample_journal(texts="x"))
        assert first == _whole(spec.build(settings), sample_journal(texts="x"))

    def test_creditors_are_kept_apart(
        self, spec: AdapterSpec[Any], writer: JournalWriter, read_back: ReadBack
    ) -> None:
        """The entries of two creditors come back with the balances of each."""
        _ask(spec, "entities")
        journal = two_creditors()

        assert _moved(journal.balances()) == _moved(read_back(_whole(writer, journal)))

    def test_creditors_are_refused_unless_declared(
        self, spec: AdapterSpec[Any], writer: JournalWriter
    ) -> None:
        """A file that has no place for the creditor does not mix two of them."""
        if "entities" in spec.capabilities:
            pytest.skip(f"{spec.name} declares entities")

        with pytest.raises(DocumentError):
            next(writer.write(two_creditors()))


def _whole(writer: JournalWriter, journal: Journal) -> bytes:
    return b"".join(writer.write(journal))


def _moved(balances: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    return {key: minor for key, minor in sorted(balances.items()) if minor}


def _ask(spec: AdapterSpec[Any], ability: str) -> None:
    if ability not in spec.capabilities:
        pytest.skip(f"{spec.name} does not declare {ability}")
