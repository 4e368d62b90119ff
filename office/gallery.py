"""部件陈列: every component in every state on one page (/demo/components/)."""

import datetime as dt
import re
from decimal import Decimal

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import public
from core.forms import DateField, FileCapture, IdNumber, Phone, PlainWords, Signature, Yuan


class SampleForm(PlainWords, forms.Form):
    """One field of each kind."""

    name = forms.CharField(
        label=gettext_lazy("姓名"), help_text=gettext_lazy("与身份证上的姓名一致。"), max_length=30
    )
    id_number = forms.CharField(
        label=gettext_lazy("身份证号码"),
        help_text=gettext_lazy("18位，最后一位可能是X。"),
        widget=IdNumber,
    )
    phone = forms.CharField(label=gettext_lazy("手机号"), widget=Phone)
    born = DateField(
        label=gettext_lazy("出生日期"), help_text=gettext_lazy("例如 1985 年 3 月 5 日")
    )
    rent = forms.DecimalField(label=gettext_lazy("现在每月房租"), widget=Yuan, required=False)
    way = forms.ChoiceField(
        label=gettext_lazy("想要哪种保障"),
        help_text=gettext_lazy("以后还可以改。"),
        widget=forms.RadioSelect,
        choices=[
            ("home", gettext_lazy("租一套公租房")),
            ("subsidy", gettext_lazy("自己租房，领租赁补贴")),
        ],
    )
    needs = forms.MultipleChoiceField(
        label=gettext_lazy("家里有这些需要吗"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("lift", gettext_lazy("需要电梯或一楼")),
            ("wheelchair", gettext_lazy("使用轮椅")),
            ("school", gettext_lazy("孩子在附近上学")),
        ],
    )
    street = forms.ChoiceField(
        label=gettext_lazy("住在哪个街道"),
        choices=[
            ("", gettext_lazy("请选择")),
            ("a", gettext_lazy("甲街道")),
            ("b", gettext_lazy("乙街道")),
        ],
    )
    note = forms.CharField(
        label=gettext_lazy("还有什么要说明"), required=False, widget=forms.Textarea({"rows": 3})
    )
    paper = forms.FileField(
        label=gettext_lazy("工资证明"),
        required=False,
        help_text=gettext_lazy("直接拍照就可以，四个角都拍进去。"),
        widget=FileCapture,
    )
    signature = forms.CharField(
        label=gettext_lazy("签名"),
        help_text=gettext_lazy("用手指或鼠标签名；也可以输入姓名。"),
        widget=Signature,
    )
    agree = forms.BooleanField(label=gettext_lazy("以上内容我已看过，情况属实。"))


def _filled_wrongly() -> SampleForm:
    form = SampleForm(
        {
            "name": "",
            "id_number": "3302122000",
            "phone": "13800000000",
            "born_year": "1985",
            "born_month": "2",
            "born_day": "30",
            "way": "home",
            "street": "a",
        },
        prefix=None,
        auto_id="wrong_%s",
    )
    form.fields.pop("paper")
    form.fields.pop("signature")
    form.add_error("id_number", _("身份证号码是18位，您填了%(n)s位。") % {"n": 10})
    return form


def _sample_days():
    first = dt.date(2026, 12, 3)
    return [
        (
            first,
            [("3-9", "9:00–10:00", 6), ("3-10", "10:00–11:00", 0), ("3-14", "14:00–15:00", 12)],
        ),
        (first + dt.timedelta(days=1), [("4-9", "9:00–10:00", 9), ("4-14", "14:00–15:00", 3)]),
    ]


def _sample_floors():
    word = {
        "free": _("可配租"),
        "offered": _("已配、待签约"),
        "let": _("已入住"),
        "works": _("维修中"),
        "mine": _("您的房源"),
    }
    plan = {
        5: ("let", "let", "free", "let"),
        4: ("let", "mine", "let", "free"),
        3: ("let", "let", "offered", "let"),
        2: ("works", "let", "let", "let"),
        1: ("let", "free", "let", "offered"),
    }
    return [
        (
            _("%(n)s层") % {"n": floor},
            [
                (f"{floor}0{at}", state, word[state], "#building" if state == "free" else "")
                for at, state in enumerate(states, 1)
            ],
        )
        for floor, states in plan.items()
    ]


def _charts():
    months = [_("%(n)s月") % {"n": n} for n in (6, 7, 8, 9, 10, 11)]
    return {
        "months": {
            "kind": "bar",
            "categories": months,
            "series": [{"name": _("受理"), "values": [312, 356, 341, 398, 420, 447]}],
            "target": 400,
            "unit": _("件"),
        },
        "durations": {
            "kind": "histogram",
            "categories": [
                "1–5",
                "6–10",
                "11–15",
                "16–20",
                "21–25",
                "26–30",
                "31–35",
                "36–40",
                "41–45",
            ],
            "series": [{"name": _("办结"), "values": [41, 128, 177, 64, 22, 9, 4, 1, 1]}],
            "marks": [{"at": "11–15", "label": "15"}, {"at": "41–45", "label": "45"}],
            "unit": _("件"),
        },
        "lines": {
            "kind": "line",
            "categories": months,
            "series": [
                {"name": _("网上申请"), "values": [201, 240, 248, 301, 334, 371]},
                {"name": _("窗口申请"), "values": [111, 116, 93, 97, 86, 76]},
            ],
            "unit": _("件"),
        },
    }


def _icons() -> list[str]:
    sprite = (settings.BASE_DIR / "static" / "icons" / "sprite.svg").read_text()
    return re.findall(r'<symbol id="([a-z-]+)"', sprite)


@public
def gallery(request):
    """The page; demo only (wired by office.urls_demo)."""
    today = dt.date(2026, 12, 3)
    return render(
        request,
        "demo/components.html",
        {
            "form": SampleForm(auto_id="ok_%s"),
            "wrong": _filled_wrongly(),
            "today": today,
            "moment": dt.datetime(2026, 12, 3, 17, 0),
            "rent": Decimal("137.5"),
            "area": Decimal("29.83"),
            "stages": [
                (_("申请"), "met"),
                (_("部门核对"), "met"),
                (_("公示"), "current", _("还有3天")),
                (_("轮候"), "later"),
                (_("入住"), "later"),
            ],
            "sources": [_("不动产"), _("民政"), _("人社"), _("流口办")],
            "floors": _sample_floors(),
            "days": _sample_days(),
            "icons": _icons(),
        },
    )


@public
def gallery_kiosk(request):
    """The kiosk's frame and controls, made for 1080 × 1920."""
    return render(request, "demo/kiosk.html")


@public
def gallery_wall(request):
    """The wall's frame, made for 1920 × 1080."""
    return render(request, "demo/wall.html", {"chart": _charts()["months"]})


class RentForm(PlainWords, forms.Form):
    """One question: one field."""

    rent = forms.DecimalField(
        label=gettext_lazy("每月房租"), min_value=0, max_value=100_000, widget=Yuan
    )


@public
def gallery_question(request):
    """One thing a page: a question, its error, its next step."""
    form = RentForm(request.POST if request.method == "POST" else None)
    return render(request, "demo/question.html", {"form": form})


@public
def gallery_staff(request):
    """The staff's frame: verdicts, matrix, facets, table, inspector, figures, charts, dock."""
    return render(
        request,
        "demo/staff.html",
        {
            "today": dt.date(2026, 12, 3),
            "columns": [_("不动产"), _("民政"), _("人社"), _("流口办")],
            "rows": [
                (
                    _("申请人"),
                    [
                        ("PASS", _("符合")),
                        ("PASS", _("符合")),
                        ("UNKNOWN", _("未知"), "#"),
                        None,
                    ],
                ),
                (
                    _("配偶"),
                    [
                        ("FAIL", _("不符"), "#"),
                        ("PASS", _("符合")),
                        ("PASS", _("符合")),
                        ("PASS", _("符合")),
                    ],
                ),
            ],
            "verdicts": [
                ("PASS", _("户籍"), _("本区满5年")),
                ("UNKNOWN", _("收入"), _("民政核对中")),
                ("FAIL", _("住房"), _("超出11.83平方米")),
                ("PASS", _("家庭人数"), "3"),
            ],
            "facets": [
                (
                    _("期限"),
                    [
                        (_("今天到期"), "?due=today", 3, True),
                        (_("三天内"), "?due=3", 11, False),
                        (_("全部"), "?", 128, False),
                    ],
                ),
                (_("街道"), [(_("甲街道"), "?s=a", 42, False), (_("乙街道"), "?s=b", 86, False)]),
            ],
            "page": Paginator(range(128), 20).page(3),
            "charts": _charts(),
        },
    )
