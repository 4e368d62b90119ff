"""The first members of staff are added by a command."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import Staff, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(monkeypatch):
    """What is typed as the password."""

    def give(password: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))

    return give


def add(username="zhang.san", *roles, bureau="centre"):
    named = [part for role in roles or ("admin",) for part in ("--role", role)]
    call_command(
        "add_staff", username, "--name", "测试甲", "--bureau", bureau, *named, stdout=io.StringIO()
    )


def test_a_member_of_staff_is_added_with_a_password_from_standard_input(typed):
    typed("a long enough phrase")
    add("Zhang.San", "admin", "district")
    user = User.objects.get(username="zhang.san")
    assert user.check_password("a long enough phrase")
    assert user.as_staff.roles == ["admin", "district"]


@pytest.mark.parametrize("password", ["short", "123456789012345", "zhang.san.zhang"])
def test_a_weak_password_is_refused_and_nobody_is_added(typed, password):
    typed(password)
    with pytest.raises(CommandError):
        add()
    assert not Staff.objects.exists()


def test_guardians_stay_apart_here_too(typed):
    typed("a long enough phrase")
    with pytest.raises(CommandError, match="三员"):
        add("zhang.san", "auditor", "admin")
    assert not User.objects.exists()


def test_an_unknown_bureau_and_a_taken_name_are_said(typed):
    typed("a long enough phrase")
    with pytest.raises(CommandError, match="no bureau"):
        add(bureau="nowhere")
    add()
    with pytest.raises(CommandError, match="exists already"):
        add()
