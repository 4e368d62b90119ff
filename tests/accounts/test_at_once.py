"""Two at the same moment: one citizen, one use of a code."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts import citizen_sign_in, second_factor
from accounts.models import Citizen
from accounts.portal import Person
from tests.factories import accounts as make

pytestmark = pytest.mark.django_db(transaction=True)


def both(act):
    """Runs ``act`` in two threads with connections of their own."""

    def run(_number):
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, range(2)))


def test_two_first_sign_ins_of_one_person_make_one_citizen():
    person = Person("测试甲", make.id_number(), "13700009050")
    first, second = both(lambda: citizen_sign_in.arrive(person).pk)
    assert first == second
    assert Citizen.objects.count() == 1


def test_one_code_in_two_browsers_opens_one_of_them(reviewer):
    code = reviewer.code()
    results = both(lambda: second_factor.verify(reviewer.staff.user, code))
    assert sorted(results) == [False, True]
