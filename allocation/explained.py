"""核对 What each check of a draw asks, in words for whoever never heard of a digest (section 5).

One place for the titles that the command prints and for the page 怎么核对; `STEPS` follows the
draw itself: what was published, what was sealed, what happened in public, what was computed.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _


class Words(NamedTuple):
    """A check's title, what it asks, and what it means when it fails."""

    title: Promise
    asks: Promise
    failed: Promise


class Step(NamedTuple):
    """One of the four steps of a draw, what happened in it, and the checks that belong to it."""

    title: Promise
    line: Promise
    checks: tuple[str, ...]


class Dimension(NamedTuple):
    """What places must not depend on, and the sentence for either finding."""

    title: Promise
    independent: Promise
    unusual: Promise


_SPELLING = _("同一份内容只有一种写法，多一个空格也算改动。")
_CHANGED = _("文件在公布以后被改动过，或者没有下载完整。")
_COMPLETE = _("该有的都有，没有多出来的，写法也都合规定。")

CHECKS = {
    "files": Words(
        _("恰好三个文件"),
        _("公示包里是名册、揭晓文件、结果文件，不多也不少。"),
        _("少了或多了文件，或者压缩包没有下载完整。"),
    ),
    "canonical_roster": Words(_("名册的写法唯一"), _SPELLING, _CHANGED),
    "canonical_reveal": Words(_("揭晓文件的写法唯一"), _SPELLING, _CHANGED),
    "canonical_result": Words(_("结果文件的写法唯一"), _SPELLING, _CHANGED),
    "fields_roster": Words(_("名册的内容齐全、已排序"), _COMPLETE, _CHANGED),
    "fields_reveal": Words(_("揭晓文件的内容齐全"), _COMPLETE, _CHANGED),
    "fields_result": Words(_("结果文件的内容齐全"), _COMPLETE, _CHANGED),
    "same_round": Words(
        _("几个文件属于同一轮"),
        _("名册和结果写的是同一个轮次编号。"),
        _("混进了另一轮的文件。"),
    ),
    "roster_digest": Words(
        _("名册的摘要一致"),
        _("结果用的就是这份名册，一个字都没有换过。"),
        _("结果不是用这份名册算的。"),
    ),
    "entropy_format": Words(
        _("公开事件的数值符合事先定下的格式"),
        _("数值的位数和写法在名单公布时就定了，事后不能挑选写法。"),
        _("用的数值不是事先说好的那一种。"),
    ),
    "commitment": Words(
        _("密数就是事先封存的那一个"),
        _("揭晓时拆开的密数，和名单公布时封存的是同一个。"),
        _("密数被换过。"),
    ),
    "seed": Words(
        _("种子可以重新算出"),
        _("名册、密数、公开数值合在一起，算出的种子和公布的一样。"),
        _("三样里有一样和公布的不同。"),
    ),
    "order": Words(
        _("摇号顺序一致"),
        _("按种子重排一遍，每个号牌的先后和公布的一样。"),
        _("有号牌的位置被移动过。"),
    ),
    "assignment": Words(
        _("房源分配一致"),
        _("按顺序和各家登记的意愿重新分一遍，每户得到的房和公布的一样。"),
        _("有房源没有按规则分。"),
    ),
    "no_home_twice": Words(
        _("没有一套房分给两户"), _("每套房最多出现一次。"), _("一套房给了两户。")
    ),
    "no_ticket_twice": Words(
        _("没有一个号牌出现两次"),
        _("每个号牌只有一个位置。"),
        _("一个号牌占了两个位置。"),
    ),
    "homes_permitted": Words(
        _("分到的房都在名册里，户型符合"),
        _("每户分到的房，都在公布的房源里，户型也是这一户可以申请的。"),
        _("有人分到了名册以外的房，或者户型不对。"),
    ),
    "entrants_complete": Words(
        _("没有漏掉或多出一户"),
        _("名册上的每一户都在结果里，结果里没有名册以外的。"),
        _("有一户被漏掉，或者多出一户。"),
    ),
}

STEPS = (
    Step(
        _("先公布名册"),
        _("谁参加、有哪些房，在摇号以前定好并公布，同时公布名册的摘要（一串字符）。"),
        (
            "files",
            "canonical_roster",
            "canonical_reveal",
            "canonical_result",
            "fields_roster",
            "fields_reveal",
            "fields_result",
            "same_round",
            "roster_digest",
        ),
    ),
    Step(
        _("再封存一个密数"),
        _("密数事先选好，只公布它的摘要，像装进信封封好；揭晓时才拆开。"),
        ("commitment",),
    ),
    Step(
        _("然后等一个公开事件"),
        _("用哪个公开的数值、什么时候公布，事先说好。它由别人公布，我们也不能预先知道。"),
        ("entropy_format",),
    ),
    Step(
        _("最后一起算"),
        _("三样合在一起得出种子，种子定下先后，再按先后分房。谁来算、算几遍，都一样。"),
        (
            "seed",
            "order",
            "assignment",
            "no_home_twice",
            "no_ticket_twice",
            "homes_permitted",
            "entrants_complete",
        ),
    ),
)

# the self-check beside a result: is the place in the order independent of …
DIMENSIONS = {
    "submission_time": Dimension(
        _("提交申请的早晚"),
        _("申请早的和申请晚的，没有哪一边位置靠前。"),
        _("申请早的和申请晚的，有一边位置靠前，少见。已请人查看。"),
    ),
    "street": Dimension(
        _("所在镇街"),
        _("没有哪个镇街的家庭位置靠前。"),
        _("有的镇街位置靠前，少见。已请人查看。"),
    ),
    "last_digit": Dimension(
        _("号牌的末位数字"),
        _("没有哪个末位数字的号牌位置靠前。"),
        _("有的末位数字位置靠前，少见。已请人查看。"),
    ),
    "channel": Dimension(
        _("网上还是窗口申请"),
        _("网上申请的和窗口申请的，没有哪一边位置靠前。"),
        _("网上申请的和窗口申请的，有一边位置靠前，少见。已请人查看。"),
    ),
}


def finding(name: str, verdict: str, p: float | None) -> str:
    """One line of the self-check in plain words: what was found, and how odd chance finds it."""
    words = DIMENSIONS[name]
    if p is None:
        return gettext("能比较的户数太少，或者只有一组，比不出来。")
    said = words.unusual if verdict == "unusual" else words.independent
    odds = gettext("不到0.1%") if p < 0.001 else gettext("约%(n)s%%") % {"n": f"{100 * p:.1f}"}
    chance = gettext("完全随机时，出现这么大或更大的差别，机会是%(odds)s。") % {"odds": odds}
    return f"{said} {chance}" if get_language() == "en" else f"{said}{chance}"
