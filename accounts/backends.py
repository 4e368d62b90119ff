"""Finds the person of a session in one query."""

from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class AccountBackend(ModelBackend):
    """Django's own check of passwords; loads the person and their bureau along with the account."""

    def get_user(self, user_id: int) -> User | None:
        """The account of a session, if it is still active."""
        people = User.objects.select_related("staff__bureau", "citizen")
        return people.filter(pk=user_id, is_active=True).first()
