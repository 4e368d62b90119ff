"""婚姻登记 (marryInfo): the events of the province's own registers."""

from datashare.cells import Row, says
from datashare.replies import ANNULLED, DIVORCED, MARRIED, NEVER, MarriageEvent, Relative
from datashare.sources import laws
from datashare.sources.source import (
    DRAFT,
    SENSITIVE,
    UNKNOWN,
    USUAL,
    Asked,
    Member,
    Source,
    Subject,
    assumed,
    seen,
    subjects_by,
)

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


def subjects(row: Row) -> tuple[Subject, ...]:
    sides = tuple(Subject(side.id_number, side.name) for side in couple(row) if side.id_number)
    return sides or _asked(row)


_asked = subjects_by("cardId", "sfzh")


_CODES = {"IA": MARRIED, "ICA": MARRIED, "IB": DIVORCED, "ICB": DIVORCED, "ID": ANNULLED}


def _kind(written: str) -> str:
    """What kind of event it was; a certificate issued again is of the event it proves."""
    if written.upper() in _CODES:
        return _CODES[written.upper()]
    if says(written, "撤销") or "无效" in written or "丧偶" in written:
        return ANNULLED  # the marriage is no more, and no home was divided
    if any(word in written for word in ("未婚", "未登记", "无登记", "无婚姻", "无记录", "未结婚")):
        return NEVER
    return DIVORCED if "离婚" in written or "离异" in written else MARRIED


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


FIELDS = (
    seen("registrationDate", "登记日期", "date of the event", "djrq", "op_date"),
    assumed("registrationType", "登记类型", "kind of event", "ywlx", "djlx", "opType"),
    assumed("manName", "男方姓名", "husband's name", "name_man"),
    assumed(
        "manCardId", "男方证件号码", "husband's ID number", "cert_num_man", "nfsfzh", "manIdCard"
    ),
    assumed("womanName", "女方姓名", "wife's name", "name_woman"),
    assumed(
        "womanCardId",
        "女方证件号码",
        "wife's ID number",
        "cert_num_woman",
        "nvfsfzh",
        "womanIdCard",
    ),
    assumed("cardId", "被查询人证件号码", "ID number of the person asked", "sfzh"),
)

SPEC = Source(
    code="marriage",
    name="婚姻登记",
    owner="民政",
    english="marriage register",
    owner_english="civil affairs",
    path="api/marryInfo.htm",
    empty=UNKNOWN,
    laws=(
        laws.CIVIL_CODE.clause(1049, 1080),
        laws.HOUSING.clause(8),
    ),
    fields=FIELDS,
    request=request,
    read=read,
    subjects=subjects,
    purposes=(*USUAL, DRAFT),
    sensitivity=SENSITIVE,
    applies_to=of_age,
)
