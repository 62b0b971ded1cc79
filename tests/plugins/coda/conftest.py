"""Files made for the tests of the reader ``coda``, by a small writer of our own."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from receivables.receipts.model import BankEntry, BankStatement
from receivables_plugins.coda.reader import CodaReader
from receivables_plugins.coda.settings import CodaSettings

_CORPORA = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"
_ACCOUNT = f"{'BE68539007547034':<34}EUR"


def _head(*, created="311026", mark=" ", application="00000", version="2"):
    return (
        f"00000{created}72505{mark:<8}{'0000000017':<10}{'BRASSERIE MIRABELLE SA':<26}{'KREDBEBB':<11}"
        f"00403019261 {application}{'':<39}{version}"
    )


def _old(balance=1000_00, *, account=_ACCOUNT, structure="2", sign="0", number="217", day="301026"):
    return (
        f"1{structure}{number}{account:<37}{sign}{balance * 10:015}{day}{'MIRABELLE':<26}"
        f"{'':<35}{number}"
    )


def _movement(  # the fields of a record, each by its name
    amount=100_00,
    said="0FACTURE 2026-117",
    *,
    place="00010000",
    sign="0",
    code="00150000",
    day="311026",
    value="311026",
    reference="REF-A-0001",
    level="0",
    more="0",
    link="0",
):
    return (
        f"21{place}{reference:<21}{sign}{amount * 10:015}{value}{code}{said:<54.54}{day}217"
        f"{level}{more} {link}"
    )


def _second(said="", *, place="00010000", client="", r="", reason="", more="0", link="0"):
    return f"22{place}{said:<53.53}{client:<35}{'BBRUBEBB':<11}   {r:<1}{reason:<4}{'':<8}{more} {link}"


def _third(
    account="BE43068999999501", name="CLIENT UN SPRL", said="", *, place="00010000", link="0"
):
    return f"23{place}{account:<37}{name:<35}{said:<43.43}0 {link}"


def _notice(said, *, place="00010001", reference="REF-A-0001", more="0", link="0"):
    return f"31{place}{reference:<21}00150000{said:<74.74}{'':<12}{more} {link}"


def _notice_second(said, *, place="00010001", more="0", link="0"):
    return f"32{place}{said:<105}{'':<10}{more} {link}"


def _new(balance=1100_00, *, account=_ACCOUNT, sign="0", number="217", day="311026"):
    return f"8{number}{account:<37}{sign}{balance * 10:015}{day}{'':<64}0"


def _foot(records, *, debits=0, credits=100_00, more="2"):
    return f"9{'':<15}{records:06}{debits * 10:015}{credits * 10:015}{'':<75}{more}"


def _statement(*movements, head=None, old=None, new=None, count=None, end="\r\n", **controls):
    """A statement of movements, as a file: records 0, 1, 8 and 9 are written around them."""
    new = _new() if new is None else new
    counted = [_old() if old is None else old, *movements, *((new,) if new else ())]
    free = [line for line in counted if line.startswith("4")]
    foot = _foot(len(counted) - len(free) if count is None else count, **controls)
    lines = [_head() if head is None else head, *counted, foot]
    assert {len(line) for line in lines} == {128}
    return "".join(f"{line}{end}" for line in lines).encode("cp1252")


@pytest.fixture(scope="session")
def head():
    """A record 0."""
    return _head


@pytest.fixture(scope="session")
def old():
    """A record 1: 1,000.00 euros on 30 October 2026."""
    return _old


@pytest.fixture(scope="session")
def movement():
    """A record 2.1: a transfer of 100.00 received on 31 October 2026."""
    return _movement


@pytest.fixture(scope="session")
def second():
    """A record 2.2."""
    return _second


@pytest.fixture(scope="session")
def third():
    """A record 2.3: the counterparty."""
    return _third


@pytest.fixture(scope="session")
def notice():
    """A record 3.1, from the mark whether it has a structure."""
    return _notice


@pytest.fixture(scope="session")
def notice_second():
    """A record 3.2."""
    return _notice_second


@pytest.fixture(scope="session")
def new():
    """A record 8: 1,100.00 euros on 31 October 2026."""
    return _new


@pytest.fixture(scope="session")
def statement():
    """A file of one statement."""
    return _statement


@pytest.fixture(scope="session")
def read():
    """Read bytes with the reader."""

    def read_bytes(content, **settings):
        reader = CodaReader(CodaSettings(**settings))
        return reader.read(io.BytesIO(content), name="october.cod").collect()

    return read_bytes


@pytest.fixture(scope="session")
def one(statement, read):
    """The entry, or None, of a file with one movement, whatever record 9 says of it."""

    def read_one(*records, **around):
        rows = read(statement(*records, **around)).rows
        return next((row for row in rows if isinstance(row, BankEntry)), None)

    return read_one


@pytest.fixture(scope="session")
def statements():
    """The statements among the rows of a read."""
    return lambda collected: [row for row in collected.rows if isinstance(row, BankStatement)]


@pytest.fixture(scope="session")
def whole(movement, second, third, notice, notice_second, new, statement):
    """A file with a transfer, a batch of two, a returned direct debit and a fee."""
    debit = f"1127311026110{'BE00ZZZ0000001':<35}{'MANDAT-7':<35}"
    batch = {"code": "60150000", "more": "1"}
    return statement(
        movement(100_00, "1101090933755493", more="1"),
        second(client="E2E-17", more="1"),
        third(link="1"),
        notice("1001CLIENT UN SPRL ET FILS, NEGOCIANTS EN VINS", more="1"),
        notice_second(f"{'RUE HAUTE 1':<35}{'1000 BRUXELLES':<35}"),
        movement(300_00, "0", place="00020000", reference="REF-B", code="20150000", level="1"),
        movement(180_00, "0A1", place="00020001", reference="REF-B1", **batch),
        third(name="CLIENT DEUX", place="00020001"),
        movement(120_00, "0A2", place="00020002", reference="REF-B2", level="1", **batch),
        third(name="CLIENT TROIS", place="00020002"),
        movement(
            40_00, debit, place="00030000", sign="1", code="00503000", reference="REF-C", more="1"
        ),
        second(debit[54:107], place="00030000", more="1"),
        third(said="FACTURE 9", name="CLIENT QUATRE", place="00030000"),
        movement(2_50, "0FRAIS", place="00040000", sign="1", code="08037000", reference="REF-D"),
        new=_new(1357_50),
        credits=400_00,
        debits=42_50,
    )


@pytest.fixture(scope="session")
def shared():
    """The files of banks and of other libraries that are beside this checkout."""
    if not _CORPORA.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return _CORPORA
