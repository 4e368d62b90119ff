"""Users, citizens, staff and bureaus."""

from accounts.models.bureau import Bureau
from accounts.models.people import Citizen, Staff
from accounts.models.user import User

__all__ = ["Bureau", "Citizen", "Staff", "User"]
