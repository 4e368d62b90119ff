"""家人授权 after sending: who is missing, who refused, what may be done about each."""

from typing import Any

from applications import authority, guardians, joining, kin, leaving_out, stand_ins
from applications.models import Application, Member
from core import clock


def of(application: Application, user: Any) -> dict[str, Any]:
    """Those who have not agreed yet, have come of age since, or said no."""
    people = list(application.members.filter(excluded=False).prefetch_related("consents"))
    words = {one.pk: authority.word_of(one) for one in people}
    words |= {one.pk: "none" for one in authority.outgrown(application)}
    return {
        "waiting": [line(one, user) for one in people if words[one.pk] == "none"],
        "refused": [line(one, user) for one in people if words[one.pk] in ("refused", "withdrawn")],
    }


def line(member: Member, user: Any) -> dict[str, Any]:
    """One member: code or guardian's sentence, the route named, whether they may be left out."""
    adult = authority.is_adult(member, clock.today())
    return {
        "member": member,
        "relation": kin.relation_word(member.relation),
        "adult": adult,
        "code": joining.code_for(member) if adult else "",
        "window_only": "" if adult else guardians.CHILD_AT_WINDOW,
        "stand_in": stand_ins.of_member(member),
        "may_leave_out": not leaving_out.why_not(member, member.application, user),
    }
