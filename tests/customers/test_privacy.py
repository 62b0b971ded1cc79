"""What is known of a person: found, handed over, masked."""

import datetime as dt
import json

import attrs
import pytest

from receivables.casework import ContactNote
from receivables.customers import (
    ChangeEvidence,
    CustomerRegister,
    DataSubject,
    ProposalState,
    export_person,
    find_person,
    mask_person,
)
from receivables.errors import PolicyError
from receivables.ledger import Ledger
from receivables.ledger.casework import ContactLogged
from receivables.parties import Contact, Customer

_ANA = DataSubject(names=["Ana Diaz"])
_DAY = dt.date(2026, 12, 1)


def _fields(found):
    return {one.field for one in found}


_KNOWN = {
    "name": {"names": ["ANA DÍAZ"]},
    "family name first": {"names": ["Díaz, Ana"]},
    "email": {"emails": ["Ana@Norte.Example"]},
    "phone": {"phones": ["0034-600.123.456"]},
}


@pytest.mark.parametrize("known", _KNOWN.values(), ids=_KNOWN)
def test_a_contact_is_found_whole_by_any_of_its_parts(register, known):
    """Name, address and telephone are found together, by whichever is known."""
    assert _fields(find_person(DataSubject(**known), register=register)) == {
        "customer.contacts[0].name",
        "customer.contacts[0].email",
        "customer.contacts[0].phone",
    }


@pytest.mark.parametrize(
    "known",
    [
        {"names": ["Ana"]},
        {"names": ["Ana Dia"]},
        {"emails": ["na@norte.example"]},
        {"phones": ["456"]},
    ],
    ids=str,
)
def test_a_part_of_a_name_or_a_number_is_nobody(register, known):
    """Other people are not found."""
    assert find_person(DataSubject(**known), register=register) == ()


def test_what_a_contact_says_is_looked_for_elsewhere(register, at):
    """An address that stands in a note of a call is hers, though her name is not there."""
    note = ContactNote(
        contact="K-1",
        customer="C-017",
        channel="phone",
        outcome="reached",
        said="write to ana@norte.example, or call 600123456",
    )
    event = ContactLogged(
        event="e-1", effective_on=_DAY, recorded_at=at(), creditor="MIRA", contact=note
    )
    found = find_person(_ANA, register=register, also={"ledger": [event]})

    assert ("ledger", "e-1", "contact.said") in {
        (one.where, one.record, one.field) for one in found
    }


def test_what_others_share_is_not_hers_alone(norte, ana, at):
    """The telephone of the desk is masked with her, and stays with the others."""

    desk = Contact(name="Accounts payable", phone=ana.phone, email="ap@norte.example")
    register = CustomerRegister().take_over(
        [attrs.evolve(norte, contacts=[ana, desk])], on=_DAY, at=at(), by="x", source="y"
    )
    masked = mask_person(register, _ANA, by="A. Ito", at=at(1), why="asked")

    assert masked.customer("C-017", as_of=_DAY).contacts == (
        Contact(name="[masked]"),
        desk,
    )


def test_the_person_may_be_the_customer(register, at):
    """Where the record is the person, all that is theirs is masked, and the account can still be read."""
    masked = mask_person(
        register, DataSubject(customers=["C-017"]), by="A. Ito", at=at(1), why="GDPR"
    )
    record = masked.customer("C-017", as_of=_DAY)

    assert (record.name, record.ibans, record.address.lines) == (
        "[masked]",
        ("[masked]",),
        ("[masked]",),
    )
    assert (record.address.country, record.terms, record.customer) == ("ES", "net 30", "C-017")
    assert find_person(DataSubject(customers=["C-017"]), register=masked) == ()


def test_masking_reaches_every_version_and_every_note(register, norte, ana, propose, at):
    """Proposals, evidence, notes and old versions are masked; who decided stays."""
    other = attrs.evolve(norte, payer_group="Ana Díaz", contacts=[attrs.evolve(ana, phone="")])
    proof = ChangeEvidence(
        text="Ana Diaz wrote to us", by="L. Roy", reference="mail of ana@norte.example"
    )
    register = propose(register, other, why="asked by ana diaz", evidence=[proof])
    register = register.approve("P-1", by="L. Roy", at=at(2), note="called Ana Díaz back")
    masked = mask_person(register, _ANA, by="A. Ito", at=at(3), why="she asked")
    text = repr(masked.entries).casefold()

    assert "ana" not in text.replace("canal", "")
    assert masked.standing("P-1").state is ProposalState.APPROVED
    assert [one.by for one in masked.history("C-017")][-1] == "A. Ito"
    assert {one.approved_by for one in masked.history("C-017") if one.proposal} == {("L. Roy",)}
    assert "masked" in {one.field for one in masked.history("C-017")}


def test_waiting_proposals_on_a_masked_record_are_stale(register, norte, propose, at):
    """Nobody brings back by an approval what was masked."""
    register = propose(register, attrs.evolve(norte, segment="key"))
    masked = mask_person(register, _ANA, by="A. Ito", at=at(2), why="asked")

    assert masked.standing("P-1").state is ProposalState.STALE


def test_an_export_is_plain_and_whole(register):
    """What is handed over is JSON: each finding with its place, and the person's own record."""
    plain = export_person(DataSubject(customers=["C-017"]), register=register)
    read = json.loads(json.dumps(plain))

    assert read == plain
    assert plain["records"][0]["name"] == "Aceros del Norte, S.L."
    assert {"ES9121000418450200051332", "B58378431"} <= {one["value"] for one in plain["findings"]}


def test_any_values_are_looked_through():
    """Events, entries of a directory, mappings and sets: whatever has texts."""
    values = [
        Customer(customer="C-1", name="x", owners={"collector": "Ana Diaz"}),
        {"ana diaz": {"a"}},
    ]
    found = find_person(_ANA, also={"things": values})

    assert [(one.record, one.field) for one in found] == [("C-1", "owners[0][1]"), ("2", " (key)")]
    assert find_person(_ANA, also={"ledger": Ledger().events}) == ()


def test_a_person_is_known_by_something():
    """Nobody is not a person."""
    with pytest.raises(PolicyError):
        DataSubject(names=[" "])
    with pytest.raises(PolicyError):
        DataSubject(names="Ana")


def test_the_reason_for_masking_leaves_no_trace(register, at):
    """Whoever asks is often named in the reason, and is masked there as well."""
    masked = mask_person(register, _ANA, by="A. Ito", at=at(5), why="Ana Díaz asked on Monday")

    assert masked.entries[-1].why == "[masked] asked on Monday"
    assert find_person(_ANA, register=masked) == ()


def test_names_beside_each_other_are_masked_each(at):
    """A name that ends where another begins takes nothing of it."""
    register = CustomerRegister().take_over(
        [Customer(customer="C-017", name="Norte")],
        on=_DAY,
        at=at(),
        by="L. Roy",
        source="A. Díaz; Ana Díaz's cousin",
    )
    masked = mask_person(register, _ANA, by="A. Ito", at=at(1), why="asked")

    assert masked.entries[0].source == "A. Díaz; [masked]'s cousin"
