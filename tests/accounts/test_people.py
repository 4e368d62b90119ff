"""Accounts, citizens, staff and bureaus."""

import pytest
from django.db import IntegrityError, connection

from accounts.access import has_role, works_for
from accounts.models import Bureau, Citizen, Staff, User
from accounts.roles import BureauKind, Role
from tests.factories import accounts as make

pytestmark = pytest.mark.django_db


def test_the_district_has_25_streets_and_towns_of_which_four_are_run_by_others():
    assert Bureau.objects.streets().count() == 25
    flagged = Bureau.objects.filter(flagged_jurisdiction=True)
    assert sorted(flagged.values_list("name", flat=True)) == [
        "东钱湖镇",
        "新明街道",
        "梅墟街道",
        "聚贤街道",
    ]
    assert all(bureau.jurisdiction for bureau in flagged)


def test_every_kind_of_bureau_exists():
    assert set(Bureau.objects.values_list("kind", flat=True)) == set(BureauKind.values)


def test_a_street_is_found_by_the_first_nine_digits_of_its_code():
    assert Bureau.objects.of_area("330212005000").name == "中河街道"
    assert Bureau.objects.of_area("330203001") is None


def test_writing_the_bureaus_again_changes_nothing():
    before = list(Bureau.objects.values())
    Bureau.objects.ensure_all()
    assert list(Bureau.objects.values()) == before


def test_a_citizen_is_found_by_any_spelling_of_the_number():
    number = make.id_number()
    citizen = make.citizen(number=number)
    spelled = f" {number[:6]} {number[6:14]} {number[14:].lower()} "
    assert Citizen.objects.with_number(spelled) == citizen


def test_neither_number_nor_phone_stands_in_the_database_in_clear():
    citizen = make.citizen(phone="13700009050")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM accounts_citizen c")
        row = cursor.fetchone()[0]
    assert citizen.id_number not in row
    assert "13700009050" not in row
    assert citizen.id_number not in citizen.user.username


def test_one_person_has_one_account():
    citizen = make.citizen()
    twin = Citizen(user=make.citizen().user, name="测试", id_number=citizen.id_number)
    with pytest.raises(IntegrityError):
        twin.save(force_insert=True)


def test_a_later_sign_in_without_a_phone_keeps_the_known_one():
    citizen = make.citizen(phone="13700009050")
    again = make.citizen(name="测试新名", number=citizen.id_number)
    assert (again.pk, again.name, again.phone) == (citizen.pk, "测试新名", "13700009050")


def test_the_audit_calls_a_citizen_by_the_masked_name_and_staff_by_name_and_bureau():
    assert make.citizen(name="测试甲").user.audit_label == "*试甲"
    staff = make.staff(Role.REVIEWER, bureau="civil_affairs", name="测试乙")
    assert staff.user.audit_label == "测试乙 (区民政局)"


@pytest.mark.parametrize("guardian", [Role.SYSTEM, Role.SECURITY, Role.AUDITOR])
def test_a_guardian_of_the_system_holds_no_other_role(guardian):
    with pytest.raises(IntegrityError):
        make.staff([guardian, Role.REVIEWER])


def test_staff_need_a_role():
    staff = make.staff()
    with pytest.raises(IntegrityError):
        Staff.objects.filter(pk=staff.pk).update(roles=[])


def test_an_account_is_a_citizens_or_staffs():
    citizen, staff = make.citizen().user, make.staff().user
    assert (citizen.as_citizen is not None, citizen.as_staff) == (True, None)
    assert (staff.as_staff is not None, staff.as_citizen) == (True, None)
    with pytest.raises(IntegrityError):
        User.objects.create_user("somebody", kind="machine")


def test_a_role_counts_only_while_the_account_is_active():
    user = make.staff(Role.REVIEWER).user
    assert has_role(user, Role.REVIEWER, Role.DISTRICT)
    assert not has_role(user, Role.DISTRICT)
    user.is_active = False
    assert not has_role(user, Role.REVIEWER)
    assert not has_role(make.citizen().user, Role.REVIEWER)


def test_staff_work_for_their_own_bureau_only():
    staff = make.staff(Role.REVIEWER, bureau="civil_affairs")
    assert works_for(staff.user, staff.bureau)
    assert works_for(staff.user, staff.bureau_id)
    assert not works_for(staff.user, make.bureau("real_estate"))
    assert not works_for(staff.user, None)
    assert not works_for(make.citizen().user, staff.bureau)


def test_a_session_reads_person_and_bureau_in_one_query(django_assert_num_queries):
    from accounts.backends import AccountBackend

    staff = make.staff()
    with django_assert_num_queries(1):
        assert AccountBackend().get_user(staff.user_id).audit_label
