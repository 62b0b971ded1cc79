"""The source ``credit-csv`` keeps the contract of credit sources, whatever the list."""

from __future__ import annotations

import pytest

from receivables.testing.credit_source import CreditSample, CreditSourceTests, ExpectedCredit
from receivables_plugins import credit_csv

_SCORES = """\
customer,source,score,rated on,limit,currency
0042,Creditsafe,72,2026-10-01,5000.00,EUR
007,PAYDEX,65,2026-10-02,,
"""

_FINANCIALS = """\
Client;Clôture;Devise;Unité;Total actif;Capitaux propres;Dettes;Chiffre d’affaires
0042;31/12/2025;EUR;1000;1 000;330;670;1 500
007;31/12/2025;EUR;1000;500;90;500;
"""

_LONG = """\
cliente|fecha de cierre|moneda|partida|valor
0042|31/12/2025|EUR|Total activo|1000
0042|31/12/2025|EUR|Patrimonio neto|-50
008|31/12/2025|EUR|Ventas|70
"""

_LIMITS = """\
Assureur;Client;Pays;Type;Plafond;Devise;Quotité;Début;Fin
Coface;0042;;assuré;50 000,00;EUR;90 %;2026-01-01;2026-12-31
;;ES;interne;1 000 000,00;EUR;;;
;007;;inconnu;5,00;EUR;;;
"""

_COMMITMENTS = """\
Pedido\tCliente\tTipo\tImporte\tMoneda\tFecha de entrega
00077\t0042\tpedido\t800.50\tUSD\t2026-11-20
"""

_INSOLVENCIES = """\
customer,proceedings,judgment date,court,claim deadline
0042,redressement judiciaire,2026-09-01,Tribunal de Nantes,2026-11-20
"""


def _sample(name, text, *, counts=None, sums=None, identities=(), problems=(), complete=True):
    expected = ExpectedCredit(
        counts=counts or {},
        sums=sums or {},
        identities=identities,
        problems=problems,
        complete=complete,
    )
    return CreditSample(name=name, content=text.encode(), expected=expected)


class TestCreditCsv(CreditSourceTests):
    """The conformance class, over a list of each kind in one of three languages."""

    @pytest.fixture
    def spec(self):
        (spec,) = credit_csv.receivables_credit_sources()
        return spec

    @pytest.fixture
    def samples(self):
        return [
            _sample("scores.csv", _SCORES, counts={"scores": 2}, identities=["0042", "007"]),
            _sample(
                "financials.csv",
                _FINANCIALS,
                counts={"financials": 2},
                sums={("financials", "EUR"): 3_500 + 1_090},
                identities=["0042:2025-12-31"],
                problems={"financials.unbalanced"},
            ),
            _sample(
                "cuentas.csv",
                _LONG,
                counts={"financials": 2},
                sums={("financials", "EUR"): 1_020},
                identities=["008"],
            ),
            _sample(
                "limits.csv",
                _LIMITS,
                counts={"limits": 2},
                sums={("limits", "EUR"): 105_000_000},
                identities=["0042"],
                problems={"credit.value-unknown"},
                complete=False,
            ),
            _sample(
                "pedidos.csv",
                _COMMITMENTS,
                counts={"commitments": 1},
                sums={("commitments", "USD"): 80_050},
                identities=["00077"],
            ),
            _sample("insolvencies.csv", _INSOLVENCIES, counts={"insolvencies": 1}),
        ]
