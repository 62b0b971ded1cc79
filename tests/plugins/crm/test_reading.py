"""What is read out of the exports of a CRM, and what is not guessed."""

import csv
import datetime as dt
import io
import itertools

import pytest

from receivables.contacts import Activity, ActivityKind, DirectoryEntry
from receivables.errors import PolicyError
from receivables.parties import Role
from receivables_plugins.crm.people import is_marked, locale_of, role_of


def _entries(collected):
    return {row.contact.email: row for row in collected.rows if isinstance(row, DirectoryEntry)}


def _activities(collected):
    return {row.activity: row for row in collected.rows if isinstance(row, Activity)}


def _codes(collected):
    return [problem.code for problem in collected.report.problems]


def test_roles_languages_and_marks_are_those_of_the_export(read, exports, mapped):
    """A title says the role in three languages, a column the language, two marks what is forbidden."""
    entries = _entries(read("salesforce", exports["salesforce"], **mapped["salesforce"]))
    ana, zoe = entries["ana@norte.example"], entries["zoe@roy.example"]

    assert (ana.contact.role, ana.contact.locale) == (Role.ACCOUNTS_PAYABLE, "es")
    assert (zoe.contact.role, zoe.contact.locale) == (Role.MANAGEMENT, "fr-FR")
    assert (ana.has_opted_out_of_calls, zoe.has_opted_out_of_email) == (True, True)
    assert ana.contact.name == "Ana Díaz"


def test_a_title_that_says_nothing_is_management_with_a_warning(read, exports, mapped):
    """Nobody is taken for whoever pays unless it is said."""
    collected = read("salesforce", exports["salesforce"], **mapped["salesforce"])

    assert _entries(collected)["kim@roy.example"].contact.role is Role.MANAGEMENT
    assert "salesforce.role-unknown" in _codes(collected)


@pytest.mark.parametrize(
    "said",
    [{"default-role": "accounts-payable"}, {"roles": {"astronaut": "accounts-payable"}}],
    ids=["default", "title"],
)
def test_a_role_that_is_said_is_taken(read, exports, mapped, said):
    """The settings can say the role of a title, or of every title that is not known."""
    collected = read("salesforce", exports["salesforce"], **mapped["salesforce"], **said)

    assert _entries(collected)["kim@roy.example"].contact.role is Role.ACCOUNTS_PAYABLE
    assert "salesforce.role-unknown" not in _codes(collected)


def test_salesforce_identifiers_are_one_with_15_signs_or_18(read, exports, mapped):
    """A contact that names its account with 15 signs belongs to the account with 18."""
    entries = _entries(read("salesforce", exports["salesforce"], **mapped["salesforce"]))

    assert entries["zoe@roy.example"].customer == "C-017"


def test_activities_have_kind_moment_person_and_owner(read, exports, mapped):
    """What was done is told with who did it and with whom, in a zone."""
    found = _activities(read("salesforce", exports["salesforce"], **mapped["salesforce"]))
    call, task, visit = found["00T1"], found["00T2"], found["00U1"]

    assert (call.kind, call.outcome, call.by) == (ActivityKind.CALL, "promise", "L. Roy")
    assert (task.kind, task.is_done, task.customer) == (ActivityKind.TASK, False, "C-017")
    assert task.body == "line one\nline two"
    assert (visit.kind, visit.at) == (
        ActivityKind.MEETING,
        dt.datetime(2026, 10, 7, 8, 30, tzinfo=dt.UTC),
    )


def test_hubspot_engagements_are_put_together(read, exports, mapped):
    """Type, text and associations stand in four files, and are one activity."""
    found = _activities(read("hubspot", exports["hubspot"], **mapped["hubspot"]))

    assert (found["11"].kind, found["11"].subject, found["11"].by) == (
        ActivityKind.CALL,
        "Called",
        "L. Roy",
    )
    assert (found["12"].customer, found["12"].entry, found["12"].body) == ("C-017", "2", "a note")


def test_merged_contacts_are_left_out(read, exports, mapped):
    """A record that was merged into another does not come back."""
    assert "old@norte.example" not in _entries(
        read("hubspot", exports["hubspot"], **mapped["hubspot"])
    )


def test_dynamics_activities_may_regard_a_contact(read, exports, mapped):
    """What regards a contact belongs to its account's customer, whatever the case of the letters."""
    found = _activities(read("dynamics", exports["dynamics"], **mapped["dynamics"]))

    assert (found["p-2"].customer, found["p-2"].entry, found["p-2"].is_done) == (
        "C-017",
        "C-2",
        False,
    )
    assert found["p-1"].by == "L. Roy"


def test_order_of_the_files_does_not_matter(read, exports, mapped):
    """Accounts may come last."""
    files = exports["salesforce"]
    usual = read("salesforce", files, **mapped["salesforce"])
    turned = read("salesforce", dict(reversed(files.items())), **mapped["salesforce"])

    assert set(turned.rows) == set(usual.rows)


def test_mapping_file_and_settings_say_who_an_account_is(read, exports):
    """Without a column of the CRM, a file among those given says it, or the settings do."""
    files = exports["dynamics"] | {"map.csv": b"account;customer\nAAAA-1;0042\naaaa-2;C-017\n"}
    by_file = read("dynamics", files, **{"mapping-file": "map.csv"})
    by_settings = read(
        "dynamics", exports["dynamics"], mapping={"AAAA-1": "0042", "aaaa-2": "C-017"}
    )

    assert by_file.report.complete
    assert _entries(by_file) == _entries(by_settings)
    assert {row.customer for row in by_file.rows} == {"0042", "C-017"}


_INCOMPLETE = {
    "no mapping column": ({"map.csv": b"a;b\n1;2\n"}, "column.missing"),
    "two customers": (
        {"map.csv": b"account;customer\nAAAA-1;1\naaaa-1;2\n"},
        "dynamics.mapping-ambiguous",
    ),
    "no file": ({}, "file.missing"),
    "unknown": ({"map.csv": b"account;customer\n", "x.csv": b"foo,bar\n"}, "dynamics.file-unknown"),
    "short row": ({"map.csv": b"account;customer\nA\n"}, "row.length"),
    "no moment": (
        {
            "map.csv": b"account;customer\nAAAA-1;1\n",
            "t.csv": b"activityid,subject,regardingobjectid,scheduledend\n9,x,aaaa-1,soon\n",
        },
        "date.invalid",
    ),
    "no id": (
        {
            "map.csv": b"account;customer\nAAAA-1;1\n",
            "c.csv": b"contactid,parentcustomerid,fullname\n,AAAA-1,X\n",
        },
        "dynamics.id-missing",
    ),
    "contact twice": (
        {
            "map.csv": b"account;customer\nA;1\n",
            "c.csv": b"contactid,parentcustomerid,fullname\n1,A,X\n1,A,Y\n",
        },
        "dynamics.duplicate",
    ),
}


@pytest.mark.parametrize(("files", "code"), _INCOMPLETE.values(), ids=_INCOMPLETE)
def test_what_cannot_be_read_makes_the_read_incomplete(read, files, code):
    """Each doubt is told with its code."""
    collected = read("dynamics", files, **{"mapping-file": "map.csv"})

    assert not collected.report.complete
    assert code in _codes(collected)


_WARNED = {
    "mark": (
        b"contactid,parentcustomerid,fullname,jobtitle,donotemail\n1,A,X,CEO,maybe\n",
        "dynamics.mark-unknown",
    ),
    "language": (
        b"contactid,parentcustomerid,fullname,jobtitle,language\n1,A,X,CEO,Klingon\n",
        "dynamics.language-unknown",
    ),
    "account": (
        b"contactid,parentcustomerid,fullname,jobtitle\n1,B,X,CEO\n",
        "dynamics.account-unmapped",
    ),
    "card": (
        b"activityid,subject,regardingobjectid,scheduledend\n9,4111 1111 1111 1111,A,2026-10-01\n",
        "card.number",
    ),
    "same twice": (
        b"contactid,parentcustomerid,fullname,jobtitle\n1,A,X,CEO\n1,A,X,CEO\n",
        "dynamics.duplicate",
    ),
}


@pytest.mark.parametrize(("content", "code"), _WARNED.values(), ids=_WARNED)
def test_what_is_only_odd_is_a_warning(read, content, code):
    """The read stays complete, and says what was odd."""
    collected = read("dynamics", {"x.csv": content}, mapping={"A": "1"})

    assert collected.report.complete
    assert _codes(collected) == [code]
    assert "4111 1111" not in str(collected)


def test_a_mark_that_cannot_be_read_counts_as_set(read):
    """Whoever may have opted out is not written to."""
    content = b"contactid,parentcustomerid,fullname,jobtitle,donotemail,emailaddress1\n1,A,X,CEO,maybe,x@y.example\n"
    (entry,) = read("dynamics", {"c.csv": content}, mapping={"A": "1"}).rows

    assert not entry.may_be_written_to


_MOMENTS = {
    "2026-10-05": dt.datetime(2026, 10, 5, tzinfo=dt.UTC),
    "2026-10-05 3:15:52": dt.datetime(2026, 10, 5, 3, 15, 52, tzinfo=dt.UTC),
    "2026-10-05T09:00:00.000+0000": dt.datetime(2026, 10, 5, 9, tzinfo=dt.UTC),
    "2026-10-05T09:00:00+02:00": dt.datetime(2026, 10, 5, 7, tzinfo=dt.UTC),
    "10/31/2026 1:05 PM": dt.datetime(2026, 10, 31, 13, 5, tzinfo=dt.UTC),
    "31/10/2026": dt.datetime(2026, 10, 31, tzinfo=dt.UTC),
}


@pytest.mark.parametrize(("text", "at"), _MOMENTS.items())
def test_moments_are_read_as_systems_write_them(read, text, at):
    """ISO 8601 with or without a zone, and days that can be read in one way only."""
    content = f"activityid,subject,regardingobjectid,scheduledend\n9,x,A,{text}\n".encode()
    (activity,) = read("dynamics", {"t.csv": content}, mapping={"A": "1"}).rows

    assert activity.at == at


def test_zone_of_the_settings_holds_for_moments_without_one(read):
    """A moment of a list is in the zone of whoever exported it."""
    content = b"activityid,subject,regardingobjectid,scheduledend\n9,x,A,2026-07-01 09:00\n"
    (activity,) = read(
        "dynamics", {"t.csv": content}, mapping={"A": "1"}, **{"time-zone": "America/Montreal"}
    ).rows

    assert activity.at.utcoffset() == dt.timedelta(hours=-4)


_REFUSED = {
    "no mapping": {},
    "role": {"mapping": {"A": "1"}, "default-role": "boss"},
    "roles": {"mapping": {"A": "1"}, "roles": {"x": "boss"}},
    "zone": {"mapping": {"A": "1"}, "time-zone": "Mars/Olympus"},
    "date format": {"mapping": {"A": "1"}, "date-format": "%B"},
}


@pytest.mark.parametrize("settings", _REFUSED.values(), ids=_REFUSED)
def test_settings_are_refused(specs, settings):
    """A directory without a mapping, and settings that cannot be, are refused when it is built."""
    with pytest.raises(PolicyError):
        specs["hubspot"].build(settings)


_TITLES = {
    "Director of Accounts Payable": Role.ACCOUNTS_PAYABLE,
    "COMPTABLE FOURNISSEURS": Role.ACCOUNTS_PAYABLE,
    "Jefa de cuentas a pagar": Role.ACCOUNTS_PAYABLE,
    "Directeur commercial": Role.SALES,
    "Abogada": Role.LEGAL,
    "Gérant": Role.MANAGEMENT,
    "Capital projects": None,
    "": None,
}


@pytest.mark.parametrize(("title", "role"), _TITLES.items())
def test_titles_say_roles(title, role):
    """The first role with a word in the title is the one; half a word is none."""
    assert role_of(title) is role


def test_words_that_are_not_known_are_none():
    """Neither a language nor a mark is guessed."""
    assert (
        list(itertools.chain(map(locale_of, ["", "xx", "Klingon"]), map(is_marked, ["?"])))
        == [None] * 4
    )


def test_exports_of_others_are_recognized(read, shared):
    """The exports of Salesforce and HubSpot in the corpora are read, each as what it is."""
    for name in ("salesforce", "hubspot"):
        files = {path.name: path.read_bytes() for path in sorted((shared / name).glob("*.csv"))}
        collected = read(name, files, mapping={"none": "none"})

        assert f"{name}.file-unknown" not in _codes(collected)
        assert not [p for p in collected.report.problems if p.code == "file.format"]


def test_contacts_of_others_are_read_where_their_account_is_mapped(read, shared):
    """An account that is mapped brings its contacts and activities; a record without one stays out."""
    files = {path.name: path.read_bytes() for path in sorted((shared / "salesforce").glob("*.csv"))}
    rows = {
        name: list(csv.DictReader(io.StringIO(files[f"sf_{name}.csv"].decode())))
        for name in ("contact", "event")
    }
    accounts = {row["account_id"] for each in rows.values() for row in each} - {""}
    collected = read("salesforce", files, mapping=dict.fromkeys(accounts, "C-1"))
    found = {row.entry for row in collected.rows if isinstance(row, DirectoryEntry)}
    meetings = {
        row.activity for row in collected.rows if getattr(row, "kind", "") is ActivityKind.MEETING
    }

    assert found == {row["id"] for row in rows["contact"] if row["account_id"]}
    assert meetings == {row["id"] for row in rows["event"]}
