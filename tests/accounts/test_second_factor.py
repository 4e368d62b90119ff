"""The six digits."""

import pytest
from allauth.mfa.models import Authenticator

from accounts import second_factor
from tests.factories import accounts as make

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds, code):
    assert second_factor.code_at(RFC_SECRET, seconds // 30) == code


@pytest.mark.django_db
def test_a_code_is_good_once_and_older_ones_are_not_taken_after_it(reviewer):
    assert second_factor.verify(reviewer.staff.user, reviewer.code())
    assert not second_factor.verify(reviewer.staff.user, reviewer.code())
    assert not second_factor.verify(reviewer.staff.user, reviewer.code(-1))


@pytest.mark.django_db
@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (1, True), (3, False)])
def test_a_clock_may_differ_by_one_step(reviewer, steps, taken):
    assert second_factor.verify(reviewer.staff.user, reviewer.code(steps)) is taken


@pytest.mark.django_db
def test_the_secret_is_encrypted_at_rest(reviewer):
    data = Authenticator.objects.get(user=reviewer.staff.user).data
    assert reviewer.secret not in str(data)


@pytest.mark.django_db
def test_who_has_no_second_factor_passes_with_no_code():
    user = make.staff().user
    assert not second_factor.enrolled(user)
    assert not second_factor.verify(user, "000000")
