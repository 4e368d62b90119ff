"""Messages about mandates and missing consents (通知模板); no name in what goes out by SMS."""

from django.utils.translation import gettext_lazy as _

from core.notices import Template

MANDATE_ASKED = Template(
    "mandate.asked",
    _("请您确认代办"),
    _(
        "{helper}想代您办理住房保障申请。同意的话，请在「我的—代办」输入{code}；"
        "不认识这个人，不用理会。您随时可以收回。"
    ),
    _("有人想代您办住房保障，确认码{code}。不认识的不用理会。我们不会在短信里要您转账或点链接。"),
)
MANDATE_GIVEN = Template(
    "mandate.given",
    _("代办已生效"),
    _("您和{name}之间的代办委托已生效。代办的每一步都留下记录，双方随时可以收回。"),
)
MANDATE_ENDED = Template(
    "mandate.ended",
    _("代办已结束"),
    _("您和{name}之间的代办委托已结束，从现在起对方看不到您的申请。"),
)
CONSENT_REMINDED = Template(
    "consent.reminded",
    _("还差家人授权"),
    _("还差{n}位家人授权，请他们在{due}前完成。等待期间不计入办理时间，申请不会因此作废。"),
    _("您的申请还差家人授权，请在{due_short}前完成。我们不会在短信里要您转账或点链接。"),
)
MEMBER_REMINDED = Template(
    "consent.member_reminded",
    _("请您授权"),
    _("家人的住房保障申请还等您授权，请在{due}前办理。授权码{code}。不同意也可以，由您决定。"),
    _(
        "授权码{code}，{due_short}前到浙里办—住房保障授权，不同意也可以。我们不会在短信里要您转账或点链接。"
    ),
)
CONSENT_PASSED = Template(
    "consent.passed",
    _("家人授权到期"),
    _("到{due}还差{n}位家人授权。申请不会作废，{street}会联系您，一起想办法。现在不用您办理。"),
)
CONSENT_EXTENDED = Template(
    "consent.extended",
    _("授权时间延长"),
    _("家人授权的时间延长到{due}。等待期间不计入办理时间。"),
)
CONSENT_REFUSED = Template(
    "consent.refused",
    _("有家人没有同意"),
    _(
        "有家人没有同意查询。我们不会查询这位家人的信息，申请改由工作人员核对，没有因此被拒绝。办法写在「家人授权」里。"
    ),
)
STAND_IN_RETURNED = Template(
    "stand_in.returned",
    _("代签材料不够"),
    _("代签的证明还不够：{reason}。补齐后可以再办，申请照常受理。"),
)
