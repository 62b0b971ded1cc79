"""The settings file: everything has a default, every mistake is named with its table and key."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.aging import AgeBasis, Credits, Undated
from receivables.casework import DisputeOwner, DisputeReason, RequestKind
from receivables.collection import SignKind, WorkReasonKind
from receivables.dunning import STANDARD, DunningProcedure, ProcedureChoice, Stage
from receivables.errors import PolicyError
from receivables.settings import parse_settings
from receivables.terms import PaymentTerms

CREDITOR = '[creditor]\ncreditor = "MIRA"\nname = "Mirabelle"\n'

FULL = """
[creditor]
creditor = "MIRA"
name = "Mirabelle"
legal-form = "SAS"
identifiers = [{ scheme = "fr.siret", value = "1" }]
[creditor.address]
lines = ["12 quai"]
postal-code = "44000"

[[ledger]]
source = "csv"
files = ["*.csv"]
settings = { record = "customers" }

[[statements]]
reader = "camt053"
files = ["*.xml"]
after = 2026-09-30

[terms]
default = "net 30"

[aging]
bounds = [15, 45]
basis = "posting-date"
credits = "netted"
undated = "document-date"

[matching]
apply-partial = false

[dunning]
name = "gentle"
version = "7"
grace-days = 2
levels = [{ days-past-due = 5, letter = "reminder-1" }]
minimums = { EUR = "12.50" }

[letters]
renderers = ["eml"]
reports = []
deadline-days = 15

[journal]
store = "sql"
settings = { url = "sqlite:///x.db" }
"""


def test_a_full_file_is_read() -> None:
    """Every table reaches its value."""
    read = parse_settings(FULL)

    assert read.creditor.address.postal_code == "44000"
    assert read.creditor.legal_form == "SAS"
    assert read.ledger[0].settings["record"] == "customers"
    assert read.statements[0].after == dt.date(2026, 9, 30)
    assert read.default_terms == PaymentTerms(days=30)
    assert read.aging.upper_bounds == (15, 45)
    assert (read.aging.basis, read.aging.credits) == (AgeBasis.POSTING_DATE, Credits.NETTED)
    assert read.aging.undated is Undated.DOCUMENT_DATE
    assert not read.matching.apply_partial
    assert (read.dunning.name, read.dunning.minimums_minor["EUR"]) == ("gentle", 1250)
    assert (read.renderers, read.reports, read.deadline_days) == (("eml",), (), 15)
    assert read.store.settings["url"] == "sqlite:///x.db"


def test_only_the_creditor_is_needed() -> None:
    """What is left out has its default."""
    read = parse_settings(CREDITOR)

    assert read.dunning == STANDARD
    assert read.aging.labels[0] == "not yet due"
    assert read.reports == ("aging-csv", "excel", "html")


BAD = {
    "not TOML": "creditor = ",
    "no creditor": "",
    "unknown table": CREDITOR + "[agging]\n",
    "unknown key": CREDITOR + "[aging]\nbound = [1]\n",
    "unknown creditor key": CREDITOR + "colour = 'blue'\n",
    "table that is a text": 'aging = "30"\n' + CREDITOR,
    "source without files": CREDITOR + '[[ledger]]\nsource = "csv"\n',
    "array that is no array of tables": 'ledger = ["csv"]\n' + CREDITOR,
    "unknown basis": CREDITOR + '[aging]\nbasis = "moon"\n',
    "bounds that fall": CREDITOR + "[aging]\nbounds = [60, 30]\n",
    "bounds that are text": CREDITOR + '[aging]\nbounds = ["30"]\n',
    "unreadable terms": CREDITOR + '[terms]\ndefault = "soon"\n',
    "unknown procedure": CREDITOR + '[dunning]\nprocedure = "harsh"\n',
    "level without letter": CREDITOR + "[dunning]\nlevels = [{ days-past-due = 5 }]\n",
    "minimum that is a float": CREDITOR
    + '[dunning]\nlevels = [{ days-past-due = 5, letter = "a" }]\nminimums = { EUR = 1.5 }\n',
    "minimum with a tenth of a cent": CREDITOR
    + '[dunning]\nlevels = [{ days-past-due = 5, letter = "a" }]\nminimums = { EUR = "1.005" }\n',
    "after that is no date": CREDITOR
    + '[[statements]]\nreader = "camt053"\nfiles = ["a"]\nafter = "soon"\n',
    "bad locale": CREDITOR + 'locale = "french"\n',
    "number for a truth": CREDITOR + '[letters]\ndeadline-days = "8"\n',
}


@pytest.mark.parametrize("why", BAD)
def test_mistakes_are_named(why: str) -> None:
    """A mistake in the settings raises with the file's name; nothing is guessed."""
    with pytest.raises(PolicyError) as raised:
        parse_settings(BAD[why], source="receivables.toml")
    assert "must" in str(raised.value)


COLLECTING = """
[dunning]
cycle-releases = false
default = "france-business"
[[dunning.procedures]]
name = "key-accounts"
version = "3"
levels = [{ days-past-due = 20, letter = "reminder-1" }]
[[dunning.rules]]
name = "large"
procedure = "key-accounts"
segments = ["key-account"]
from = { EUR = "5000.00" }
[[dunning.rules]]
procedure = "france-consumer"
consumer = true

[promises]
version = "4"
tolerance-days = 3
tolerance = { amounts = { EUR = "2.00" }, bps = 50 }
counts-credit-notes = true

[disputes]
answer-days = 8
answer-days-by-reason = { quality = 20 }
owners = { freight = "sales" }
escalation = [{ after-days = 5, to = "head of credit" }]

[worklist]
name = "house"
horizon-days = 5
[worklist.steps]
age = [[1, 2], [31, 15]]
[worklist.amounts.amount]
"*" = [[100, 2]]
[worklist.people]
technician = "t.ng"
[[worklist.routes]]
role = "technician"
leading = ["dispute"]

[requests]
days = { duplicate = 3 }

[warnings]
months = 4
off = ["concentration"]

[letters]
renderers = ["text", "my-renderer"]
texts = ["texts/*.toml"]
brand = "mira"
payment-codes = true
[letters.settings.text]
width = 60
[letters.settings.my-renderer]
ink = "blue"

[interest]
jurisdiction = "fr-business"
payable-days = 15
"""


def test_the_tables_of_collections_are_read() -> None:
    """Every table of collections reaches its policy."""
    read = parse_settings(CREDITOR + COLLECTING)

    assert read.promises.version == "4"
    assert read.promises.tolerance_days == 3
    assert (read.promises.tolerance.bps, str(read.promises.tolerance.amounts[0].amount)) == (
        50,
        "2.00",
    )
    assert read.promises.counts_credit_notes
    assert read.disputes.answer_days == 8
    assert read.disputes.owner_of(DisputeReason.FREIGHT) is DisputeOwner.SALES
    assert read.disputes.escalation[0].to == "head of credit"
    assert (read.worklist.name, read.worklist.horizon_days) == ("house", 5)
    assert read.worklist.routes[0].leading == {WorkReasonKind.DISPUTE}
    assert read.requests.days[RequestKind.DUPLICATE] == 3
    assert (read.warnings.months, set(read.warnings.off)) == (4, {SignKind.CONCENTRATION})
    assert read.interest is not None
    assert read.interest.payable_days == 15


def test_the_letters_are_said_in_full() -> None:
    """Texts, brand and codes are read, and the settings of a renderer keep its name as it is."""
    read = parse_settings(CREDITOR + COLLECTING)

    assert (read.text_files, read.brand, read.payment_codes) == (("texts/*.toml",), "mira", True)
    assert read.renderer_settings == {"text": {"width": 60}, "my-renderer": {"ink": "blue"}}


def test_procedures_are_chosen_by_rules() -> None:
    """Own procedures and packaged ones stand in the rules, in their order."""
    read = parse_settings(CREDITOR + COLLECTING)

    assert isinstance(read.dunning, ProcedureChoice)
    assert not read.cycle_releases
    assert [rule.name for rule in read.dunning.rules] == ["large", "france-consumer"]
    assert read.dunning.rules[0].least_minor == {"EUR": 500_000}
    assert {one.name for one in read.dunning.procedures} == {
        *("key-accounts", "france-consumer", "france-business")
    }


@pytest.mark.parametrize(
    "name", ["standard", "canada", "france-business", "mexico", "quebec", "spain", "uk", "us"]
)
def test_a_packaged_procedure_is_named(name: str) -> None:
    """A procedure that comes with the library is chosen by its name; a cycle releases its runs."""
    read = parse_settings(f'{CREDITOR}[dunning]\nprocedure = "{name}"\n')

    assert isinstance(read.dunning, DunningProcedure)
    assert read.dunning.name == name
    assert read.cycle_releases


def test_levels_of_ones_own_have_everything() -> None:
    """Stages, channels, fees, interest, deadlines and the courtesy reminder are read."""
    level = (
        '{ days-past-due = 8, letter = "formal-notice", channel = "registered-post", '
        'fees = { EUR = "15.00" }, charges-interest = true, deadline-days = 12 }'
    )
    read = parse_settings(
        f'{CREDITOR}[dunning]\nladder = "house"\nper = "document"\ncycle-releases = true\n'
        f"levels = [{level}]\ncourtesy = {{ days-before-due = 5 }}\n"
    )

    assert isinstance(read.dunning, DunningProcedure)
    (only,) = read.dunning.levels
    assert (only.stage, only.deadline_days, only.charges_interest) == (
        Stage.FORMAL_NOTICE,
        12,
        True,
    )
    assert (only.fees_minor["EUR"], read.dunning.counted_in) == (1500, "house")
    assert read.dunning.courtesy is not None


LEVEL = "[dunning]\nlevels = [{{ days-past-due = 5, letter = 'a', {} }}]\n"
MISTAKES = {
    "a name beside levels": ("[dunning]\nprocedure = 'us'\nlevels = []\n", "dunning", "procedure"),
    "a key of levels alone": ("[dunning]\ngrace-days = 3\n", "dunning", "grace-days"),
    "who releases, in words": ("[dunning]\ncycle-releases = 'no'\n", "dunning", "cycle-releases"),
    "levels that are a text": ("[dunning]\nlevels = 'x'\n", "dunning", "levels"),
    "a channel that is none": (LEVEL.format("channel = 'pigeon'"), "levels.1", "pigeon"),
    "a stage that is none": (LEVEL.format("stage = 'war'"), "levels.1", "war"),
    "a fee that is a float": (LEVEL.format("fees = { EUR = 1.5 }"), "levels.1", "fees"),
    "a deadline in words": (LEVEL.format("deadline-days = 'x'"), "levels.1", "deadline-days"),
    "interest in words": (LEVEL.format("charges-interest = 'x'"), "levels.1", "charges-interest"),
    "a courtesy that is a number": (
        "[dunning]\nlevels = [{ days-past-due = 5, letter = 'a' }]\ncourtesy = 3\n",
        "dunning",
        "courtesy",
    ),
    "rules without a default": ("[dunning]\nrules = []\n", "dunning", "default"),
    "an unknown default": ("[dunning]\ndefault = 'harsh'\n", "dunning", "default"),
    "a rule for nothing": (
        "[dunning]\ndefault = 'us'\nrules = [{ procedure = 'harsh' }]\n",
        "rule.1",
        "procedure",
    ),
    "a consumer in words": (
        "[dunning]\ndefault = 'us'\nrules = [{ procedure = 'us', consumer = 'yes' }]\n",
        "rule.1",
        "consumer",
    ),
    "a procedure twice": (
        "[dunning]\ndefault = 'us'\n"
        + "[[dunning.procedures]]\nname = 'a'\nlevels = [{ days-past-due = 5, letter = 'a' }]\n"
        * 2,
        "procedure.2",
        "name",
    ),
    "levels beside rules": ("[dunning]\ndefault = 'us'\nlevels = []\n", "dunning", "levels"),
    "tolerance in words": ("[promises]\ntolerance-days = '3'\n", "promises", "tolerance-days"),
    "tolerance that is true": ("[promises]\ntolerance-days = true\n", "promises", "tolerance-days"),
    "tolerance below zero": ("[promises]\ntolerance-days = -1\n", "promises", "tolerance_days"),
    "credit notes in words": (
        "[promises]\ncounts-credit-notes = 'no'\n",
        "promises",
        "counts-credit-notes",
    ),
    "a version that is a number": ("[promises]\nversion = 3\n", "promises", "version"),
    "a tolerated float": (
        "[promises.tolerance]\namounts = { EUR = 1.5 }\n",
        "tolerance",
        "amounts",
    ),
    "a tolerated tenth of a cent": (
        "[promises.tolerance]\namounts = { EUR = '1.005' }\n",
        "tolerance",
        "amounts",
    ),
    "a currency that is none": (
        "[promises.tolerance]\namounts = { ZZZ = '1.00' }\n",
        "tolerance",
        "ZZZ",
    ),
    "basis points in words": ("[promises.tolerance]\nbps = 'x'\n", "tolerance", "bps"),
    "an unknown key of promises": (
        "[promises]\ntolerance-dais = 3\n",
        "promises",
        "tolerance-dais",
    ),
    "an unknown key of disputes": ("[disputes]\ncolour = 1\n", "disputes", "colour"),
    "an answer in words": ("[disputes]\nanswer-days = 'x'\n", "disputes", "answer_days"),
    "a reason that is none": ("[disputes]\nowners = { moon = 'sales' }\n", "disputes", "moon"),
    "an owner that is none": ("[disputes]\nowners = { price = 'moon' }\n", "disputes", "moon"),
    "exposure in words": (
        "[disputes]\ncounts-in-exposure = 'no'\n",
        "disputes",
        "counts-in-exposure",
    ),
    "an unknown key of the worklist": ("[worklist]\ncolour = 1\n", "worklist", "colour"),
    "points for nothing": ("[worklist.steps]\nmoon = [[1, 2]]\n", "worklist", "moon"),
    "points that fall": ("[worklist.steps]\nage = [[5, 2], [1, 2]]\n", "worklist", "steps"),
    "a weight in words": ("[worklist.weights]\nage = 'x'\n", "worklist", "weights of 'age'"),
    "a horizon below zero": ("[worklist]\nhorizon-days = -2\n", "worklist", "horizon_days"),
    "a route to nobody": ("[worklist]\nroutes = [{ leading = ['dispute'] }]\n", "worklist", "role"),
    "an unknown key of requests": ("[requests]\ncolour = 1\n", "requests", "colour"),
    "days for nothing": ("[requests]\ndays = { moon = 3 }\n", "requests", "moon"),
    "days below zero": ("[requests]\ndays = { duplicate = -3 }\n", "requests", "duplicate"),
    "an unknown key of warnings": ("[warnings]\ncolour = 1\n", "warnings", "colour"),
    "months in words": ("[warnings]\nmonths = 'x'\n", "warnings", "months"),
    "a sign that is none": ("[warnings]\noff = ['moon']\n", "warnings", "moon"),
    "texts that are a text": ("[letters]\ntexts = 'a.toml'\n", "letters", "texts"),
    "texts that are numbers": ("[letters]\ntexts = [1]\n", "letters", "texts"),
    "renderers that are numbers": ("[letters]\nrenderers = [1]\n", "letters", "renderers"),
    "a brand that is a number": ("[letters]\nbrand = 1\n", "letters", "brand"),
    "codes in words": ("[letters]\npayment-codes = 'yes'\n", "letters", "payment-codes"),
    "settings of a renderer in words": ("[letters.settings]\ntypst = 1\n", "settings", "typst"),
    "a deadline before the letter": ("[letters]\ndeadline-days = -3\n", "letters", "deadline-days"),
    "a law that is none": ("[interest]\njurisdiction = 'moon'\n", "interest", "jurisdiction"),
    "interest by no law": ("[interest]\npayable-days = 3\n", "interest", "jurisdiction"),
    "charges due before their day": (
        "[interest]\njurisdiction = 'fr-business'\npayable-days = -3\n",
        "interest",
        "payable-days",
    ),
    "a rate that is a float": (
        "[interest]\njurisdiction = 'fr-business'\nagreed = { percent = 1.5, per = 'year' }\n",
        "agreed",
        "percent",
    ),
}


@pytest.mark.parametrize("why", MISTAKES)
def test_mistakes_in_collections_name_their_table_and_key(why: str) -> None:
    """A mistake says the file, the table, and the key or the value that is wrong."""
    tables, table, key = MISTAKES[why]

    with pytest.raises(PolicyError) as raised:
        parse_settings(CREDITOR + tables, source="receivables.toml")

    said = str(raised.value)
    assert "receivables.toml" in said
    assert table in said
    assert key in said


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ('[[ledger]]\nsource = "csv"\nfiles = ["a"]\nafter = 2026-09-30', "must have keys among"),
        ('[[advices]]\nreader = "eml"\nfiles = ["a"]\nafter = 2026-09-30', "must have keys among"),
        ('[[payouts]]\nreader = "stripe"\nfiles = ["a"]\nafter = "soon"', "must be a date"),
        ('[[payouts]]\nfiles = ["a"]', "must be the name of an adapter"),
        ("[[services]]\nsettings = {}", "must be the name of an adapter"),
        ('[[posting]]\ntarget = "m3"\n[[posting]]\ntarget = "m3"', "another one in each table"),
        ("[settling]\ndays-before = -1", "must be 0 to 999"),
        ('[settling]\nstatement-names = [""]', "must be texts that say something"),
        ('[settling]\nstatement-names = "STRIPE"', "must be a list of texts"),
        ("[settling]\nstatement-name = []", "must have keys among"),
        ("[[services]]\nservice = 'm3'\nfiles = ['a']", "must have keys among"),
    ],
)
def test_settings_of_processors_and_systems_are_checked(tables: str, said: str) -> None:
    """A typo, a key that would be passed over, and what makes no sense are refused."""
    with pytest.raises(PolicyError, match=said):
        parse_settings(f'creditor = {{creditor = "MIRA", name = "Mirabelle"}}\n{tables}\n')
