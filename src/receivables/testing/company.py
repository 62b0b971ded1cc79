"""An invented company of any size: its customers, documents and bank entries, and the truth.

The same seed gives the same company on every machine: the draws are integers over
`random.Random.random`, there is no clock, and nothing depends on the order of a set.  Shares and
distributions are those measured on real portfolios where there are measurements, and said to be
assumptions where there are none (`Noise`).

A `Company` is values only; `write_folder` makes the files of the folder that the command line reads,
`write_fec_folder` the same books as a French accounting export.

>>> company = generate(invoices=40, customers=5)
>>> len([sale for sale in company.sales if sale.kind.value == "invoice"])
40
>>> company == generate(invoices=40, customers=5)
True
"""

from __future__ import annotations

from receivables.testing._company import (
    NOISES,
    Company,
    CompanyAccount,
    Noise,
    NoiseName,
    Sale,
    Truth,
    TruthKind,
    generate,
    to_items_columns,
)
from receivables.testing._fec import write_fec_folder
from receivables.testing._folder import folder_files, write_folder

__all__ = [
    "NOISES",
    "Company",
    "CompanyAccount",
    "Noise",
    "NoiseName",
    "Sale",
    "Truth",
    "TruthKind",
    "folder_files",
    "generate",
    "to_items_columns",
    "write_fec_folder",
    "write_folder",
]
