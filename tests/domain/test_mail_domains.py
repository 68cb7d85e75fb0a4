"""What the domain of an e-mail address tells about whoever reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.companies import company_key
from crmgraph.domain.mail_domains import DomainFit, corrected_domain, domain_fits, domain_label, free_mail


@pytest.mark.parametrize(
    "domain", ["gmail.com", "web.de", "wp.pl", "orange.fr", "uol.com.br", "qq.com", "btinternet.com"]
)
def test_anybody_can_have_a_mailbox_at_a_free_provider(domain: str) -> None:
    assert free_mail(domain)


@pytest.mark.parametrize("domain", ["acme.com", "cloud.com", "gmail", ""])
def test_other_domains_are_somebodys_own(domain: str) -> None:
    assert not free_mail(domain)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("yaho.com", "yahoo.com"),
        ("btinternt.com", "btinternet.com"),
        ("gmail.com", "gmail.com"),
        ("mail.com", "mail.com"),
        ("ymail.com", "ymail.com"),
        ("hotmail.dk", "hotmail.dk"),
        ("cloud.com", "cloud.com"),
        ("acme.com", "acme.com"),
        ("gmx.dd", "gmx.dd"),
    ],
)
def test_a_misspelt_big_provider_is_told_from_a_domain_of_its_own(written: str, meant: str) -> None:
    assert corrected_domain(written) == meant


@given(st.from_regex(r"(gmail|yahoo|hotmail|[a-z]{1,8})\.(com|co\.uk|de|fr)", fullmatch=True))
def test_a_corrected_domain_needs_no_second_correction(domain: str) -> None:
    once = corrected_domain(domain)
    assert corrected_domain(once) == once


@pytest.mark.parametrize(
    ("domain", "label"),
    [("acme.com", "acme"), ("mail.acme.co.uk", "acme"), ("acme.com.br", "acme"), ("com.br", "com"), ("acme", "acme")],
)
def test_the_label_is_the_word_that_the_owner_chose(domain: str, label: str) -> None:
    assert domain_label(domain) == label


@pytest.mark.parametrize(
    ("company", "domain", "fit"),
    [
        ("Acme Ltd", "acme.co.uk", DomainFit.WHOLE),
        ("Smith, Jones and Brown", "smithjonesbrown.com", DomainFit.WHOLE),
        ("Smith, Jones and Brown", "smithbrown.co.uk", DomainFit.WHOLE),
        ("Smith & Jones", "smithandjones.com", DomainFit.WHOLE),
        ("Müller GmbH & Co. KG", "muellerkg.de", DomainFit.WHOLE),
        ("Müller Bau GmbH", "mueller-bau.de", DomainFit.WHOLE),
        ("Noel Bau", "noelbau.de", DomainFit.WHOLE),
        ("Johnson", "johnsonandco.com", DomainFit.WHOLE),
        ("The Home Depot", "mail.homedepot.com", DomainFit.WHOLE),
        ("Müller GmbH", "mueller-technik.de", DomainFit.PART),
        ("Siemens Healthineers", "siemens.com", DomainFit.PART),
        ("Hotel Cordero", "cordero.es", DomainFit.PART),
        ("International Business Machines", "ibm.com", DomainFit.PART),
        ("Microsoft", "mircosoft.com", DomainFit.PART),
        ("Koch", "kocher.de", DomainFit.NONE),
        ("Deutsche Bank", "telekom.de", DomainFit.NONE),
        ("Gmail", "gmail.com", DomainFit.NONE),
        ("", "acme.com", DomainFit.NONE),
    ],
)
def test_a_work_address_may_spell_its_company(company: str, domain: str, fit: DomainFit) -> None:
    assert domain_fits(company_key(company), domain) == fit
