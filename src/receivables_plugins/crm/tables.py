"""Which files each CRM has: how they are known by their headings, and which heading says what.

Headings are compared without case, blanks and signs, so that ``AccountId``, ``account_id`` and
``Account ID`` are one, and ``property_email`` is ``email``.  The names of fields are those of the object
references of the three systems; the labels of their lists are from general knowledge, unverified.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["KINDS", "TABLES", "Table", "plain_heading", "table_of"]

_PREFIX: Final = re.compile(r"^(property_|_)")
_SIGNS: Final = re.compile(r"[\W_]+")

KINDS: Final = ("accounts", "contacts", "activities", "users", "links", "mapping")
"""What a file can hold."""


def plain_heading(text: str) -> str:
    """A heading as it is compared.

    >>> plain_heading("HasOptedOutOfEmail") == plain_heading("property_has_opted_out_of_email")
    True
    """
    return _SIGNS.sub("", _PREFIX.sub("", text.strip().casefold()))


def _columns(given: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({name: tuple(words.split()) for name, words in given.items()})


def _sets(values: Iterable[str]) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(value.split()) for value in values)


@attrs.frozen(kw_only=True)
class Table:
    """One kind of file: the headings that it must have, one of each group, and what headings mean."""

    kind: str
    activity: str = ""
    """The kind of activity of its rows, where it has only one."""
    needs: tuple[frozenset[str], ...] = attrs.field(converter=_sets)
    """Groups of headings of which it has at least one each."""
    columns: Mapping[str, tuple[str, ...]] = attrs.field(converter=_columns)

    def fits(self, headings: frozenset[str]) -> bool:
        """Whether a file with these headings may be one of its kind."""
        return all(group & headings for group in self.needs)


_PERSON: Final = {
    "first": "firstname",
    "last": "lastname",
    "title": "title jobtitle",
    "deleted": "isdeleted fivetrandeleted archived",
    "language": "languagec languagesc preferredlanguage preferredlanguagec hslanguage language",
}
_SF_ACTIVITY: Final = {
    "account": "accountid relatedtoid companyaccountid",
    "what": "whatid",
    "contact": "whoid contactid nameid",
    "subject": "subject",
    "body": "description comments fullcomments",
    "outcome": "calldisposition callresult",
    "by": "ownerid assignedto assigned",
    "deleted": "isdeleted",
    "key": "receivableskeyc receivableskey",
}
_HS_ACTIVITY: Final = {
    "id": "engagementid recordid hsobjectid id",
    "account": "associatedcompanyids associatedcompanyid companyrecordid companyid associatedcompany",
    "contact": "associatedcontactids associatedcontactid contactrecordid contactid",
    "subject": "hscalltitle calltitle hstasksubject tasktitle hsmeetingtitle meetingname"
    " hsemailsubject emailsubject title subject",
    "body": "hscallbody callnotes hsnotebody notebody hstaskbody tasknotes hsmeetingbody"
    " meetingdescription hsemailtext emailbody hsbodypreview body",
    "at": "hstimestamp activitydate duedate timestamp hsmeetingstarttime hscreatedate createdate",
    "type": "type engagementtype activitytype",
    "outcome": "hscalldisposition calloutcome hsmeetingoutcome meetingoutcome",
    "by": "hubspotownerid activityassignedto ownerid",
    "status": "hstaskstatus taskstatus",
    "deleted": "fivetrandeleted isdeleted archived",
    "key": "receivableskey",
}
_DY_ACTIVITY: Final = {
    "id": "activityid donotmodifyactivity donotmodifytask donotmodifyphonecall",
    "account": "regardingobjectid regardingobjectidvalue regarding",
    "subject": "subject",
    "body": "description",
    "at": "actualend scheduledend scheduledstart actualstart duedate createdon",
    "by": "ownerid owneridvalue owner",
    "status": "statecode activitystatus status",
    "type": "activitytypecode activitytype",
    "outcome": "receivablesoutcome newoutcome",
    "key": "newreceivableskey receivableskey",
}

TABLES: Final[Mapping[str, tuple[Table, ...]]] = MappingProxyType(
    {
        "salesforce": (
            Table(
                kind="activities",
                activity="meeting",
                needs=["subject", "startdatetime activitydatetime", "whoid whatid accountid"],
                columns={
                    **_SF_ACTIVITY,
                    "id": "id activityid eventid",
                    "at": "startdatetime activitydatetime activitydate",
                },
            ),
            Table(
                kind="activities",
                activity="task",
                needs=["subject", "activitydate status duedate", "whoid whatid accountid"],
                columns={
                    **_SF_ACTIVITY,
                    "id": "id activityid taskid",
                    "at": "completeddatetime activitydate duedate createddate",
                    "type": "tasksubtype type",
                    "closed": "isclosed closed",
                    "status": "status",
                },
            ),
            Table(
                kind="users",
                needs=["username", "id userid"],
                columns={"id": "id userid", "name": "name fullname", "email": "email"},
            ),
            Table(
                kind="contacts",
                needs=["accountid", "lastname name fullname email"],
                columns={
                    **_PERSON,
                    "id": "id contactid",
                    "account": "accountid",
                    "name": "name fullname",
                    "email": "email",
                    "phone": "phone businessphone",
                    "mobile": "mobilephone mobile",
                    "no-email": "hasoptedoutofemail emailoptout",
                    "no-calls": "donotcall",
                    "left": "nolongeratcompanyc",
                },
            ),
            Table(
                kind="accounts",
                needs=["id accountid", "name accountname"],
                columns={
                    "id": "id accountid",
                    "name": "name accountname",
                    "deleted": "isdeleted",
                    "merged": "masterrecordid",
                },
            ),
        ),
        "hubspot": (
            Table(
                kind="users",
                needs=["ownerid", "email", "firstname lastname"],
                columns={
                    "id": "ownerid",
                    "email": "email",
                    "first": "firstname",
                    "last": "lastname",
                },
            ),
            *(
                Table(kind="activities", activity=activity, needs=[needs], columns=_HS_ACTIVITY)
                for activity, needs in (
                    ("call", "hscalltitle calltitle hscallbody callnotes hscalldisposition"),
                    ("note", "hsnotebody notebody"),
                    ("task", "hstasksubject tasktitle hstaskbody hstasktype tasktype"),
                    ("meeting", "hsmeetingtitle meetingname hsmeetingbody hsmeetingstarttime"),
                    ("email", "hsemailsubject emailsubject hsemailtext"),
                )
            ),
            Table(
                kind="activities", needs=["engagementid", "hstimestamp type"], columns=_HS_ACTIVITY
            ),
            Table(
                kind="links",
                needs=["engagementid contactid", "companyid contactid"],
                columns={
                    "activity": "engagementid",
                    "contact": "contactid",
                    "account": "companyid",
                    "deleted": "fivetrandeleted",
                },
            ),
            Table(
                kind="contacts",
                needs=["firstname lastname", "email id recordid contactid"],
                columns={
                    **_PERSON,
                    "id": "id recordid contactid hsobjectid",
                    "account": "associatedcompanyid associatedcompanyids companyid"
                    " primaryassociatedcompanyid associatedcompany",
                    "email": "email",
                    "phone": "phone phonenumber",
                    "mobile": "mobilephone mobilephonenumber",
                    "no-email": "hsemailoptout unsubscribedfromallemail emailoptout",
                    "no-calls": "donotcall",
                    "merged-ids": "hsmergedobjectids mergedobjectids",
                },
            ),
            Table(
                kind="activities",
                needs=["id engagementid", "type", "portalid hstimestamp timestamp"],
                columns=_HS_ACTIVITY,
            ),
            Table(
                kind="accounts",
                needs=["id recordid companyid", "name companyname"],
                columns={
                    "id": "id recordid companyid hsobjectid",
                    "name": "name companyname",
                    "deleted": "isdeleted archived",
                },
            ),
        ),
        "dynamics": (
            *(
                Table(
                    kind="activities",
                    activity=activity,
                    needs=["subject", needs, "regardingobjectid regardingobjectidvalue regarding"],
                    columns=_DY_ACTIVITY,
                )
                for activity, needs in (
                    ("call", "phonenumber directioncode callto callfrom"),
                    ("meeting", "location scheduledstart starttime"),
                    ("task", "activityid donotmodifytask scheduledend duedate statecode"),
                )
            ),
            Table(
                kind="users",
                needs=["systemuserid", "fullname internalemailaddress"],
                columns={
                    "id": "systemuserid",
                    "name": "fullname",
                    "email": "internalemailaddress",
                },
            ),
            Table(
                kind="contacts",
                needs=[
                    "contactid donotmodifycontact",
                    "parentcustomerid parentcustomeridvalue accountid companyname fullname",
                ],
                columns={
                    **_PERSON,
                    "id": "contactid donotmodifycontact",
                    "account": "parentcustomerid parentcustomeridvalue accountid companyname",
                    "name": "fullname",
                    "email": "emailaddress1 email",
                    "phone": "telephone1 businessphone",
                    "mobile": "mobilephone",
                    "no-email": "donotemail",
                    "no-calls": "donotphone",
                    "state": "statecode status",
                },
            ),
            Table(
                kind="accounts",
                needs=["accountid donotmodifyaccount", "name accountname"],
                columns={
                    "id": "accountid donotmodifyaccount",
                    "name": "name accountname",
                },
            ),
        ),
    }
)
"""The files of each CRM, the most particular first."""


def table_of(crm: str, headings: frozenset[str], *, kind: str = "") -> Table | None:
    """The table that a file is by its headings, of a given kind if it is known; None where it is none.

    >>> table_of("salesforce", frozenset({"id", "accountid", "lastname"})).kind
    'contacts'
    """
    tables = [table for table in TABLES[crm] if not kind or table.kind == kind]
    return next((table for table in tables if table.fits(headings)), None)
