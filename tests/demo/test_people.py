"""The seeded world is the same every time and holds the traps that joining must not fall into."""

from collections import Counter

import phonenumbers
import pytest

from crmgraph.demo.people import CRMS, NOW, Sighting, World, world


@pytest.fixture(scope="module")
def known() -> World:
    return world()


def _entries(known: World, person: str) -> dict[str, Sighting]:
    return {sighting.crm: sighting for sighting in known.sightings if sighting.person == person}


def test_the_same_seed_gives_the_same_world_and_another_seed_another(known: World) -> None:
    assert world() == known
    assert world(8) != known


def test_about_a_hundred_and_twenty_people_are_known_to_one_to_four_crms(known: World) -> None:
    assert 115 <= len(known.people) <= 130
    assert all(55 <= len(known.seen_by(crm)) <= 65 for crm in CRMS)
    assert set(Counter(sighting.person for sighting in known.sightings).values()) == {1, 2, 3, 4}


@pytest.mark.parametrize("crm", CRMS)
def test_running_numbers_start_at_one_and_what_was_done_points_to_them(known: World, crm: str) -> None:
    numbers = [sighting.number for sighting in known.seen_by(crm)]
    assert numbers == list(range(1, len(numbers) + 1))
    done = (*known.deals(crm), *known.todos(crm), *known.memos(crm), *known.events(crm))
    assert {doing.contact for doing in done} <= set(numbers)
    assert {todo.deal for todo in known.todos(crm)} <= {deal.number for deal in known.deals(crm)} | {None}


@pytest.mark.parametrize("crm", CRMS)
def test_the_flagship_comes_first_by_number_and_as_the_newest(known: World, crm: str) -> None:
    first, *others = known.seen_by(crm)
    assert first.person == "maria"
    assert all(first.created > other.created and first.updated > other.updated for other in others)


def test_the_flagship_is_rich_and_has_conflicting_titles(known: World) -> None:
    entries = _entries(known, "maria")
    assert set(entries) == set(CRMS)
    assert len({entry.title for entry in entries.values() if entry.title}) == 3
    assert all(len(entry.tags) >= 2 and len(entry.custom) >= 3 for entry in entries.values())
    for crm in ("bigcontacts", "concord", "leadconnector"):
        assert sum(todo.contact == 1 for todo in known.todos(crm)) == 6
        assert sum(event.contact == 1 for event in known.events(crm)) == 5
        assert sum(memo.contact == 1 for memo in known.memos(crm)) == 5
    for crm in ("concord", "orgcrm", "leadconnector"):
        assert sum(deal.contact == 1 for deal in known.deals(crm)) == 3


def test_each_crm_holds_only_what_it_has_room_for(known: World) -> None:
    assert all(len(entry.emails) <= 1 for crm in ("concord", "orgcrm") for entry in known.seen_by(crm))
    assert all(len(entry.phones) <= 1 for entry in known.seen_by("orgcrm"))
    assert known.deals("bigcontacts") == known.todos("orgcrm") == known.events("orgcrm") == ()
    assert max(Counter(memo.contact for memo in known.memos("orgcrm")).values()) == 1
    assert "abandoned" not in {deal.status for deal in known.deals("concord")}


def test_nothing_is_changed_before_it_is_made_or_after_the_present(known: World) -> None:
    made = (*known.sightings, *known.all_deals, *known.all_todos, *known.all_memos, *known.all_events)
    assert all(thing.created <= thing.updated <= NOW for thing in made)


def test_every_true_phone_is_a_valid_number_and_every_typed_one_leads_back_to_it(known: World) -> None:
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(n)) for person in known.people for n in person.phones)
    for entry in known.sightings:
        person = known.person(entry.person)
        for typed in entry.phones:
            if typed != "000-000-0000":
                parsed = phonenumbers.parse(typed, person.country if entry.person != "maria" else _region(typed))
                assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) in person.phones


def _region(typed: str) -> str:
    return "BR" if "95550" in typed else "US"


def test_every_mail_domain_is_an_example_or_an_invented_gmail_box(known: World) -> None:
    addresses = {email for person in known.people for email in person.emails}
    addresses |= {email for entry in known.sightings for email in entry.emails} | {s.email for s in known.staff}
    for address in addresses:
        mailbox, _, domain = address.partition("@")
        assert domain.endswith(("example.com", "example.org", "example.net")) or (
            domain == "gmail.com" and "invented" in mailbox.lower()
        )


def test_names_phones_and_addresses_are_spelled_in_many_ways(known: World) -> None:
    names = {entry.given for entry in known.sightings}
    assert names & {"Bob", "Liz", "Kate", "Mike"}
    assert any(given.endswith(".") for given in names)
    assert any(entry.family == known.person(entry.person).given for entry in known.sightings)
    boxes = [email for entry in known.sightings for email in entry.emails if email.endswith("@gmail.com")]
    assert any("+crm" in box for box in boxes)
    assert any("." not in box.partition("@")[0] for box in boxes)


def test_a_couple_shares_a_phone_and_nothing_else(known: World) -> None:
    helen, martin = known.person("spouse-helen"), known.person("spouse-martin")
    assert helen.phones == martin.phones
    assert not set(helen.emails) & set(martin.emails)


def test_three_colleagues_share_a_role_mailbox(known: World) -> None:
    entries = [entry for entry in known.sightings if entry.emails == ("info@aurora.example.net",)]
    assert {entry.person for entry in entries} == {"role-ana", "role-caio", "role-rita"}


def test_namesakes_share_no_key(known: World) -> None:
    one, other = known.person("john-chicago"), known.person("john-london")
    assert one.name == other.name
    assert not set(one.emails + one.phones) & set(other.emails + other.phones)


def test_a_chain_holds_by_e_mail_first_and_by_phone_then(known: World) -> None:
    a, b, c = (_entries(known, "chain")[crm] for crm in ("bigcontacts", "concord", "leadconnector"))
    assert {email.lower() for email in a.emails} == {email.lower() for email in b.emails}
    assert a.phones == ()
    assert not {email.lower() for email in a.emails + b.emails} & set(c.emails)
    digits = {"".join(filter(str.isdecimal, phone)) for phone in b.phones + c.phones}
    assert digits == {"4155550110"}


def test_strangers_share_fillers(known: World) -> None:
    fillers = [entry for entry in known.sightings if "noemail@example.com" in entry.emails]
    assert len({entry.person for entry in fillers}) == 3
    assert all("000-000-0000" in entry.phones for entry in fillers)


def test_people_without_a_trap_share_no_name_and_no_key(known: World) -> None:
    ordinary = [person for person in known.people if person.key.startswith("p")]
    keys = Counter(key for person in known.people for key in (*person.emails, *person.phones, person.name))
    assert all(keys[key] == 1 for person in ordinary for key in (*person.emails, *person.phones, person.name))
