"""How names and numbers look on screen and in logs (浙江政务服务网 masking rule). Pure Python."""

import re

_ID_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_MOBILE_IN_TEXT = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")


def mask_name(name: str) -> str:
    """Hides the first character: 陈广福 → *广福."""
    return "*" + name[1:] if name else ""


# 复姓: compound surnames that are still borne; of these both characters are the surname
COMPOUND = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于"
        "司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘左丘东门西门第五",
    )
)
_SHOWN_OF_LONG = 2  # of names of five and more signs, such as 阿依古丽·买买提


def mask_in_public(name: str) -> str:
    """A name on a public notice: the whole surname hidden, 欧阳建国 → **建国.

    Of a long name, such as 阿依古丽·买买提, only the last two signs show.
    """
    name = name.strip()
    if len(name) <= 1:
        return "*" * len(name)
    if len(name) > 4 or "·" in name:
        return "*" * (len(name) - _SHOWN_OF_LONG) + name[-_SHOWN_OF_LONG:]
    hidden = 2 if name[:2] in COMPOUND and len(name) > 2 else 1
    return "*" * hidden + name[hidden:]


def mask_id(number: str) -> str:
    """Normal masking, where the person must recognise it: characters 1, 5–12 and 18."""
    if len(number) != 18:
        return "*" * len(number)
    return number[0] + "***" + number[4:12] + "*****" + number[17]


def mask_id_strong(number: str) -> str:
    """Strong masking, where nobody needs to check it: first and last character."""
    return number[:1] + "*" * max(len(number) - 2, 0) + number[-1:] if len(number) > 1 else "*"


def mask_phone(number: str) -> str:
    """137****9050; a landline keeps area code and last four."""
    if len(number) == 11 and number.startswith("1"):
        return number[:3] + "****" + number[-4:]
    return number[:4] + "*" * max(len(number) - 8, 0) + number[-4:] if len(number) > 8 else "****"


def group_id(number: str) -> str:
    """330212 19580312 9912, as people read it aloud."""
    return f"{number[:6]} {number[6:14]} {number[14:]}".strip()


def mask_text(text: str) -> str:
    """Masks whatever looks like an ID or mobile number inside running text."""
    text = _ID_IN_TEXT.sub(lambda hit: mask_id_strong(hit[0]), text)
    return _MOBILE_IN_TEXT.sub(lambda hit: mask_phone(hit[0]), text)
