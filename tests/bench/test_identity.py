"""What the matcher is measured beside, and what the measures count."""

from bench.identity.baselines import by_keys, by_keys_and_names
from bench.identity.calibration import calibration
from bench.identity.data import generated
from bench.identity.engines import told
from bench.identity.febrl import row_of
from bench.identity.staying import staying
from bench.identity.survivors import survivors

from crmgraph.domain.candidates import candidates
from crmgraph.domain.trial import Row, profile
from crmgraph.store.blocking import duckdb


def test_equal_keys_join_whoever_shares_one_and_names_keep_a_household_apart() -> None:
    rows = [
        Row("a", "1", "Ada", "Row", email="row@oars.example"),
        Row("b", "2", "Bo", "Row", email="Row@oars.example", phone="+1 415 555 0142"),
        Row("c", "3", "Bo", "Row", phone="+14155550142"),
        Row("d", "4", "Cy", "Stern"),
    ]
    profiles = list(map(profile, rows))
    assert by_keys(profiles) == [0, 0, 0, 3]
    assert by_keys_and_names(profiles) == [0, 1, 1, 3]


def test_febrl_is_read_as_a_crm_would_hold_it() -> None:
    names = "rec_id given_name surname street_number address_1 address_2 suburb postcode state date_of_birth soc_sec_id"
    cells = ["rec-7-org", "ada", "row", "7", "oar place", "", "henley", "2119", "sa", "19560409", "1"]
    assert row_of("a", dict(zip(names.split(), cells, strict=True))) == Row(
        source="a",
        record_id="rec-7-org",
        first_name="ada",
        last_name="row",
        city="henley",
        street="7 oar place",
        postal_code="2119",
        birth_date="1956-04-09",
    )


def test_the_surer_the_band_the_more_of_its_pairs_are_one_person() -> None:
    bands, bits = calibration([generated(1_000, seed) for seed in (1, 2)])
    assert [one.name for one in bands] == ["joined", "likely", "suggested"]
    true = [one.true for one in bands]
    assert true == sorted(true, reverse=True)
    assert all(abs(one.shown - one.true) < 0.1 for one in bands)
    assert sum(one.pairs for one in bits) == sum(one.pairs for one in bands)


def test_an_outage_changes_no_id() -> None:
    *down, new = staying(1_000, 1)
    assert [(one.event, one.kept) for one in down] == [(f"{s} is down", 1) for s in ("desk", "force", "hub", "pipe")]
    assert new.kept > 0.97


def test_our_defaults_tell_the_truth_more_often_than_any_single_rule() -> None:
    ours, *single, _ = survivors(1_000, [1])
    for field in ("given", "surname", "company"):
        assert getattr(ours, field) >= max(getattr(one, field) for one in single)


def test_engines_that_agree_are_told_so_and_one_that_does_not_is_seen() -> None:
    lines, agreed = told({"python": candidates, "duckdb": duckdb()}, 300)
    assert agreed
    assert [line.rpartition("  ")[2] for line in lines[2:]] == ["the same", "the same"]
    lines, agreed = told({"python": candidates, "blind": lambda profiles, full: candidates([])}, 300)
    assert not agreed
    assert lines[-1].endswith("OTHER")
