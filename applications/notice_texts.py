"""Messages about applying (通知模板); at most 70 characters each by SMS, signature included."""

from django.utils.translation import gettext_lazy as _

from core.notices import Template

ACCEPTED = Template(
    "application.accepted",
    _("已受理"),
    _(
        "已受理，编号{number}。最迟{due}答复您，现在不用您办理。"
        "受理不等于通过，后面还要核对和公示。"
    ),
    _("您的住房保障申请已受理，最迟{due_short}答复。我们不会在短信里要您转账或点链接。"),
)
FAMILY_CONSENT = Template(
    "application.family_consent",
    _("等家人授权"),
    _("已受理，还差{n}位家人授权，请他们在{due}前完成。授权之前，我们不会查询他们的信息。"),
)
INVITED = Template(
    "application.invited",
    _("请您授权"),
    _("家人在住房保障申请里写了您。授权码{code}，请到「浙里办—住房保障—家人授权」办理。"),
    _("授权码{code}，请到浙里办—住房保障—家人授权。我们不会在短信里要您转账或点链接。"),
)
SOURCE_SILENT = Template(
    "application.source_silent",
    _("等部门答复"),
    _("{source}暂时没有答复，我们会自动再查。从{time}起不计入办理时间，您不会因此被拒绝。"),
)
CHECKED = Template(
    "application.checked",
    _("信息已查到"),
    _("各部门的信息已经查到，不用您交材料。现在由工作人员审核，最迟{due}答复您。"),
)
CHECKED_BUT_REPORT = Template(
    "application.checked",
    _("信息已查到"),
    _(
        "除收入核对报告外，各部门的信息已经查到，不用您交材料。"
        "民政部门预计{report}前出具报告；最迟{due}答复您，现在不用您办理。"
    ),
)
BY_HAND = Template(
    "application.by_hand",
    _("转人工核实"),
    _(
        "{source}两个工作日没有答复，已转工作人员人工核实，其他环节照常办理。"
        "您不会因此被拒绝，现在不用您办理。"
    ),
)
SOURCE_BACK = Template(
    "application.source_back",
    _("部门已答复"),
    _("{source}已经答复，办理时间接着计算。最迟{due}答复您，现在不用您办理。"),
)
WITHDRAWN = Template(
    "application.withdrawn",
    _("已撤回"),
    _("您已撤回申请{number}。以后可以重新申请。"),
)

# a person found that somebody stands in two cases; nothing of the other family is told
SAME_PERSON = Template(
    "duplicate.same",
    _("请选择保留哪一份"),
    _(
        "工作人员核对后认为，{name}用另一个身份证号已在另一份申请或保障中。同一个人不能同时参加两份，"
        "请撤回其中一份，或者先退出原来的保障。现在没有作出决定。如果不是同一人，请拨{line}或到窗口说明。"
    ),
    _("您的住房保障申请有一项信息需要您核对，现在没有作出决定。我们不会在短信里要您转账或点链接。"),
)
SAME_PERSON_UNDONE = Template(
    "duplicate.undone",
    _("核对已更正"),
    _("之前告诉您{name}已在另一份申请或保障中，这项核对已经撤回，申请照常办理，现在不用您办理。"),
    _("之前请您核对的信息已经更正，申请照常办理，不用您办理。我们不会在短信里要您转账或点链接。"),
)
TRANSFERRED = Template(
    "application.transferred",
    _("已转交"),
    _("您的申请转由{office}办理，电话{office_phone}。{how}。请保管好转交回执。"),
    _("您的住房保障申请已转交别的单位接着办，请看转交回执。我们不会在短信里要您转账或点链接。"),
)
EMPLOYER_INVITED = Template(
    "application.employer_invited",
    _("请您授权"),
    _(
        "您的单位为您起草了住房保障申请。授权码{code}，请到「浙里办—住房保障—家人授权」办理。"
        "您同意之前，我们不会查询您的信息。"
    ),
    _("授权码{code}，请到浙里办—住房保障—家人授权。我们不会在短信里要您转账或点链接。"),
)
