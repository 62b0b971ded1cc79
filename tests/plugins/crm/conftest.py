"""Small exports of three CRMs, as their users would make them, and how they are read."""

from __future__ import annotations

import io

import pytest

from receivables_plugins.crm import receivables_contact_directories

_SALESFORCE = {
    "Account.csv": b"""Id,Name,AccountNumber,IsDeleted,ERP_Number__c
0015500000Xyy06AAB,Aceros del Norte SL,,false,0042
0015500000Ygpq1AAB,Roy SARL,,false,C-017
0015500000Zzzz9AAB,Never Bought Inc,,false,
""",
    "Contact.csv": """Id,AccountId,FirstName,LastName,Email,Phone,Title,HasOptedOutOfEmail,DoNotCall,IsDeleted,Language__c
0035500000AAAAAAA1,0015500000Xyy06AAB,Ana,Díaz,ana@norte.example,+34 600 123 456,Cuentas por pagar,false,true,false,Español
0035500000BBBBBBB2,0015500000Ygpq1,Zoé,Roy,zoe@roy.example,,Directrice générale,1,0,false,fr_FR
0035500000CCCCCCC3,0015500000Ygpq1AAB,Left,Deleted,gone@roy.example,,,false,false,true,
0035500000DDDDDDD4,0015500000Zzzz9AAB,Max,Prospect,max@never.example,,,false,false,false,
0035500000EEEEEEE5,0015500000Ygpq1AAB,Kim,Stern,kim@roy.example,,Astronaut,false,false,false,
""".encode(),
    "Task.csv": b"""Id,AccountId,WhoId,WhatId,Subject,Description,ActivityDate,Status,TaskSubtype,CallDisposition,OwnerId,IsDeleted
00T1,0015500000Xyy06AAB,0035500000AAAAAAA1,,Called about 2026-0117,she will pay,2026-10-05,Completed,Call,promise,005A,false
00T2,,0035500000BBBBBBB2,,Send statement,"line one
line two",2026-11-09,Not Started,Task,,005A,false
""",
    "Event.csv": b"""Id,AccountId,WhoId,WhatId,Subject,StartDateTime,ActivityDate,OwnerId,IsDeleted
00U1,,,0015500000Ygpq1AAB,Visit,2026-10-07T08:30:00.000Z,2026-10-07,005A,false
""",
    "User.csv": b"Id,Username,Name,Email\n005A,l.roy@mira.example,L. Roy,l.roy@mira.example\n",
}

_HUBSPOT = {
    "company.csv": b"id,property_name,is_deleted,property_erp_number\n900,Aceros,false,0042\n901,Roy,false,C-017\n",
    "contact.csv": b"""id,property_email,property_firstname,property_lastname,property_jobtitle,property_associatedcompanyid,property_hs_email_optout,property_hs_merged_object_ids,_fivetran_deleted
1,ana@norte.example,Ana,Diaz,Accounts payable,900,,7;8,false
2,zoe@roy.example,Zoe,Roy,Comptable fournisseurs,,true,,false
7,old@norte.example,Ana,Diaz,,900,,,false
""",
    "contact_company.csv": b"contact_id,company_id,_fivetran_deleted\n2,901,false\n",
    "engagement.csv": b"id,type,portal_id\n11,CALL,1\n12,NOTE,1\n",
    "engagement_call.csv": b"engagement_id,property_hs_timestamp,type,property_hs_call_title,property_hs_call_body,property_hubspot_owner_id\n11,2026-10-05 9:05:44.778000,CALL,Called,she pays,77\n",
    "engagement_note.csv": b"engagement_id,property_hs_timestamp,property_hs_note_body,type\n12,2026-10-06 10:00:00,a note,NOTE\n",
    "engagement_company.csv": b"engagement_id,company_id\n11,900\n",
    "engagement_contact.csv": b"engagement_id,contact_id\n12,2\n",
    "owner.csv": b"owner_id,email,first_name,last_name\n77,l@mira.example,L.,Roy\n",
}

_DYNAMICS = {
    "accounts.csv": b"accountid,name,accountnumber\nAAAA-1,Aceros,0042\naaaa-2,Roy,C-017\n",
    "contacts.csv": b"""contactid,parentcustomerid,fullname,emailaddress1,telephone1,jobtitle,donotemail,donotphone,statecode
c-1,aaaa-1,Ana Diaz,ana@norte.example,+34600123456,Pagos a proveedores,Allow,Do Not Allow,Active
c-2,{AAAA-2},Zoe Roy,zoe@roy.example,,Juriste,Do Not Allow,Allow,Active
c-3,AAAA-2,Old Roy,old@roy.example,,Comptable,Allow,Allow,Inactive
""",
    "phonecall.csv": b"activityid,subject,description,regardingobjectid,phonenumber,actualend,statecode,ownerid\np-1,Called,ok,aaaa-1,+34,2026-10-05T09:00:00Z,Completed,u-1\np-2,Called her,ok,C-2,+33,2026-10-05T09:30:00Z,Open,u-1\n",
    "task.csv": b"activityid,subject,regardingobjectid,scheduledend,statecode\nt-1,Write,AAAA-2,2026-11-05,Open\n",
    "systemuser.csv": b"systemuserid,fullname\nU-1,L. Roy\n",
}


@pytest.fixture
def exports():
    """The files of each CRM."""
    return {"salesforce": _SALESFORCE, "hubspot": _HUBSPOT, "dynamics": _DYNAMICS}


@pytest.fixture
def mapped():
    """The settings with which each CRM's exports say which customer an account is."""
    return {
        "salesforce": {"customer-column": "ERP_Number__c"},
        "hubspot": {"customer-column": "property_erp_number"},
        "dynamics": {"customer-column": "accountnumber"},
    }


@pytest.fixture
def specs():
    """The descriptors by name."""
    return {spec.name: spec for spec in receivables_contact_directories()}


@pytest.fixture
def read(specs):
    """Read files with one directory."""

    def _read(name, files, **settings):
        directory = specs[name].build(settings)
        return directory.read({key: io.BytesIO(each) for key, each in files.items()}).collect()

    return _read


@pytest.fixture
def shared(root):
    """The exports that others made."""
    folder = root.parent / "shared" / "corpora" / "erp" / "crm"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder
