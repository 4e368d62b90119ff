"""Messages about changes in a family (家庭变化的通知): no name, no fact of health in any."""

from django.utils.translation import gettext_lazy as _

from core.notices import Template

REPORTED = Template(
    "change.reported",
    _("已收到您报告的变化"),
    _("已收到您报告的「{what}」，最迟{due}核对完。轮候日期不变，现在不用您办理。"),
)
LATER = Template(
    "change.later",
    _("已收到您报告的变化"),
    _("已收到您报告的「{what}」。{why}轮候日期不变，现在不用您办理。"),
)
CONDOLENCE = Template(
    "change.condolence",
    _("已收到您告知的消息"),
    _(
        "得知您家人离世，请节哀。申请为您家保留，轮候日期不变，现在不用您办理。"
        "需要帮助时，请拨{line}。"
    ),
)
UPDATED = Template(
    "change.updated",
    _("家庭变化已更新"),
    _("您家的「{what}」已核对，申请已更新。轮候日期不变，现在不用您办理。"),
)
NO_EFFECT = Template(
    "change.no_effect",
    _("家庭变化已核对"),
    _("您家的「{what}」已核对，不影响申请。轮候日期不变，现在不用您办理。"),
)
EXPLAIN = Template(
    "change.explain",
    _("请您说明"),
    _("关于您报告的「{what}」，有一项信息需要核对，请在{due}前说明：{question}"),
    _(
        "您报告的家庭变化有一项要说明，请在{due_short}前打开浙里办—住房保障。我们不会在短信里要您转账或点链接。"
    ),
)
MAJORITY = Template(
    "change.majority",
    _("请您本人授权"),
    _(
        "您已满18岁，监护人的授权到此为止。授权码{code}，请在{due}前到「浙里办—住房保障—家人授权」办理。"
        "审核照常进行，办理时间照常计算。"
    ),
    _("授权码{code}，请到浙里办—住房保障—家人授权。我们不会在短信里要您转账或点链接。"),
)
MAJORITY_FAMILY = Template(
    "change.majority_family",
    _("家人已满18岁"),
    _("您的一位家人已满18岁，请他本人在{due}前授权。审核照常进行，轮候日期不变。"),
)
