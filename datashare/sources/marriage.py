"""婚姻登记 (marryInfo): the events of the province's own registers."""

from datashare.cells import Row
from datashare.replies import ANNULLED, DIVORCED, MARRIED, NEVER, MarriageEvent, Relative
from datashare.sources.source import UNKNOWN, Asked, Member, Source

_MAN_ID = ("manCardId", "cert_num_man", "nfsfzh", "manIdCard")
_WOMAN_ID = ("womanCardId", "cert_num_woman", "nvfsfzh", "womanIdCard")


def request(asked: Asked) -> dict[str, str]:
    number = asked.id_number
    return {
        "cardId": number,
        "name": asked.name,
        "sex": "1" if number[16:17].isdigit() and int(number[16]) % 2 else "2",
        "birthday": number[6:14],
    }


def couple(row: Row) -> tuple[Relative, Relative]:
    """The two sides as a row names them."""
    return (
        Relative(row.text("manName", "name_man"), row.id(*_MAN_ID)),
        Relative(row.text("womanName", "name_woman"), row.id(*_WOMAN_ID)),
    )


def subjects(row: Row) -> tuple[str, ...]:
    sides = tuple(side.id_number for side in couple(row) if side.id_number)
    return sides or row.ids("cardId", "sfzh")


def _kind(written: str) -> str:
    if "未婚" in written or "无" in written or "未登记" in written:
        return NEVER
    if "离婚" in written:
        return DIVORCED
    if "撤销" in written or "无效" in written:
        return ANNULLED
    return MARRIED


def read(row: Row) -> MarriageEvent | None:
    man, woman = couple(row)
    written = row.text("registrationType", "ywlx", "djlx", "opType")
    on = row.day("registrationDate", "djrq", "op_date")
    if not (written or on or man.id_number or woman.id_number):
        return None
    return MarriageEvent(_kind(written), on, man, woman)


def of_age(member: Member) -> bool:
    """From 20, the lower of the two ages of marriage (民法典第1047条)."""
    return member.age >= 20


SPEC = Source(
    code="marriage",
    name="婚姻登记",
    owner="民政",
    path="api/marryInfo.htm",
    empty=UNKNOWN,
    request=request,
    read=read,
    subjects=subjects,
    sensitivity="sensitive",
    applies_to=of_age,
)
