"""Numbers as doubles: their order is kept, and what is plain is told from every other number."""

from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from crmgraph.domain.doubles import as_double, is_plain

PLAIN = st.builds(
    lambda digits, power: Decimal(digits).scaleb(power), st.integers(1 - 10**15, 10**15 - 1), st.integers(-250, 250)
)
LONG = st.builds(
    lambda near, digits, power: near + Decimal(digits).scaleb(power), PLAIN, st.integers(-9, 9), st.integers(-420, 320)
)
HUGE = st.sampled_from([Decimal(f"{sign}{one}") for sign in "+-" for one in ("1e400", "1e-400", "4e-324", "5e-324")])
NUMBERS = PLAIN | LONG | HUGE


@given(NUMBERS, PLAIN)
@example(Decimal("7.00000000000000000001"), Decimal(7))
@example(Decimal("6.99999999999999999999"), Decimal(7))
@example(Decimal("1e-400"), Decimal(0))
@example(Decimal("-1e-400"), Decimal(0))
def test_a_number_stands_to_a_plain_one_as_its_double_does(number: Decimal, plain: Decimal) -> None:
    assert is_plain(plain)
    for one in (plain, plain.next_plus(), Decimal(str(float(plain)))):
        double = as_double(one)
        assert (double == as_double(plain), double < as_double(plain)) == (one == plain, one < plain)
    assert (as_double(number) == as_double(plain)) == (number == plain)
    assert (as_double(number) < as_double(plain)) == (number < plain)


@given(NUMBERS, NUMBERS)
def test_no_double_contradicts_the_order_of_two_numbers(one: Decimal, other: Decimal) -> None:
    if as_double(one) < as_double(other):
        assert one < other
    if one == other:
        assert as_double(one) == as_double(other)


def test_a_number_of_more_than_15_digits_or_at_the_ends_of_what_doubles_hold_is_not_plain() -> None:
    assert not any(map(is_plain, map(Decimal, ("0.1234567890123456", "7." + "0" * 40 + "1", "1e300", "1e-300"))))
    assert all(map(is_plain, map(Decimal, ("0", "-0.0", "0.1", "123456789012345", "7.00000000000000000000", "1e200"))))
