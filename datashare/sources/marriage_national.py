"""民政部婚姻登记核验: couples registered outside the province."""

from datashare.cells import Row, says
from datashare.replies import DIVORCED, MARRIED, NEVER, MarriageCheck
from datashare.sources import laws
from datashare.sources.marriage import couple, of_age, subjects
from datashare.sources.source import SENSITIVE, UNKNOWN, Asked, Source, assumed, seen


def request(asked: Asked) -> dict[str, str]:
    """One person on his or her own side, the spouse (params) on the other."""
    man = asked.id_number[16:17].isdigit() and int(asked.id_number[16]) % 2 == 1
    own, other = ("man", "woman") if man else ("woman", "man")
    sent = {f"cert_num_{own}": asked.id_number, f"name_{own}": asked.name}
    if asked.params.get("spouse_id"):
        sent[f"cert_num_{other}"] = asked.params["spouse_id"]
        sent[f"name_{other}"] = asked.params.get("spouse_name", "")
    return sent


_SILENT = ("查无", "未查", "未知", "无记录", "没有记录", "无匹配", "未匹配", "失败", "暂无")
_NEVER = ("未婚", "无登记", "未登记", "无婚姻", "未结婚", "无结婚")


def _verdict(written: str) -> str:
    """married, divorced, never, differs; '' where the ministry does not know."""
    if any(word in written for word in _SILENT):
        return ""
    if "不一致" in written or "不匹配" in written or "不符" in written:
        return "differs"
    if any(word in written for word in _NEVER):
        return NEVER
    if says(written, "离婚", "离异"):
        return DIVORCED
    return MARRIED if says(written, "一致", "已婚", "结婚", "匹配", "相符") else ""


def _written(row: Row) -> str:
    inner = row.rows("result") if not isinstance(row.cell("result"), str) else ()
    return inner[0].text("result", "message") if inner else row.text("result")


def read(row: Row) -> MarriageCheck | None:
    verdict = _verdict(_written(row))
    if not verdict:  # 未知, 未查到: as an empty list
        return None
    man, woman = couple(row)
    return MarriageCheck(verdict, man, woman, row.day("op_date", "registrationDate"))


FIELDS = (
    seen("name_man", "男方姓名", "husband's name", "manName"),
    seen("cert_num_man", "男方证件号码", "husband's ID number", "manCardId", "nfsfzh", "manIdCard"),
    seen("name_woman", "女方姓名", "wife's name", "womanName"),
    seen(
        "cert_num_woman",
        "女方证件号码",
        "wife's ID number",
        "womanCardId",
        "nvfsfzh",
        "womanIdCard",
    ),
    seen("result", "核验结果", "result"),
    assumed("cardId", "被查询人证件号码", "ID number of the person asked", "sfzh"),
    assumed("op_date", "业务日期", "date of the last event", "registrationDate"),
)

SPEC = Source(
    code="marriage_national",
    name="民政部婚姻登记核验",
    owner="民政部",
    english="national marriage check",
    owner_english="civil affairs, national",
    path="api/001003010/national/5a7c20e9d8b143f6.htm",
    empty=UNKNOWN,
    laws=(
        laws.CIVIL_CODE.clause(1049, 1080),
        laws.MARRIAGE.clause(5),
        laws.HOUSING.clause(8),
    ),
    fields=FIELDS,
    request=request,
    read=read,
    subjects=subjects,
    sensitivity=SENSITIVE,
    applies_to=of_age,
    slow=True,
)
