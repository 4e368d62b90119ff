"""What would change a refusal (怎样才能符合): one sentence for each failing reason. Data only."""

_HOUSING = ("住房比规定多{over}平方米。", "The homes are {over} ㎡ above the limit.")
_FROM = "最早{earliest}起可以再申请。"
_FROM_EN = "Applying is possible again from {earliest}."

CHANGES: dict[str, tuple[str, str]] = {
    "IDENTITY_NUMBER": (
        "请对照身份证更正号码后再提交。",
        "Please correct the number by the identity card and submit again.",
    ),
    "DECEASED_FAIL": (
        "如果登记有误，请带身份证到街道窗口，我们马上核对。",
        "If the registers are wrong, come to the window with an identity card; it is checked at"
        " once.",
    ),
    "DUPLICATE_FAIL": (
        "退出原来的保障或撤回原来的申请以后，就可以再申请。",
        "Leave the other support, or withdraw the other application, and you may apply.",
    ),
    "BAN_FAIL": ("最早{until}起可以再申请。", "Applying is possible again from {until}."),
    "CONSENT_FAIL": (
        "本人同意核查后，可以接着办。",
        "Once this person consents, the application goes on.",
    ),
    "MEMBERS_SPOUSE": (
        "把{name}加进申请，就可以接着办。",
        "Add the spouse {name} to the application and it goes on.",
    ),
    "MEMBERS_CHILD": (
        "把{name}加进申请，就可以接着办。",
        "Add the child {name} to the application and it goes on.",
    ),
    "HUKOU_FAIL": (f"还差{{short}}个月，{_FROM}", f"{{short}} months short. {_FROM_EN}"),
    "HUKOU_ELSEWHERE": (
        "户口迁入本区满{limit}个月以后可以申请。",
        "Applying is possible {limit} months after the registration moves here.",
    ),
    "PERMIT_LAPSED": (
        "到派出所或流动人口服务窗口办好签注，就可以再申请。",
        "Have the permit endorsed by the police or the residents' window and apply again.",
    ),
    "PERMIT_ELSEWHERE": (
        "办理本区的居住证以后可以申请。",
        "Applying is possible with a residence permit of this district.",
    ),
    "EMPLOYMENT_INSURED_FAIL": (
        "还差{short}个月；每个月都缴，最早{earliest}起可以再申请。",
        "{short} months short; paid without a gap, applying is possible again from {earliest}.",
    ),
    "EMPLOYMENT_DEGREE_FAIL": (
        "取得{degree}或以上学历后可以按这一类申请；现在可以看看其他类别。",
        "Applying in this category needs a higher degree; other categories may fit.",
    ),
    "EMPLOYMENT_GRADUATED_FAIL": (
        "毕业时间不会再变；可以看看其他类别。",
        "The date of graduation will not change; other categories may fit.",
    ),
    "SINGLE_AGE_FAIL": (
        "{earliest}满{limit}周岁，当天起可以单独申请；现在可以和家人一起申请。",
        "{limit} is reached on {earliest}; alone, applying is possible from that day, with family"
        " now.",
    ),
    "STUDENT_FAIL": ("毕业以后可以申请。", "Applying is possible after graduation."),
    "INCOME_FAIL": (
        "全家收入比规定高{over}元（人均高{over_per_person}元）。",
        "The household's income is {over} yuan above the limit ({over_per_person} a head).",
    ),
    "HOUSING_AREA_FAIL": _HOUSING,
    "HOUSING_OFFPLAN_FAIL": (
        "合计比规定多{over}平方米；合同撤销以后不再计入。",
        "Together {over} ㎡ above the limit; a cancelled contract no longer counts.",
    ),
    "TRANSFER_LOOKBACK_FAIL": (_FROM, _FROM_EN),
    "DIVORCE_LOOKBACK_FAIL": (_FROM, _FROM_EN),
    "VEHICLE_COUNT": (
        "比规定多{over}辆；残疾人专用车不计，谋生用的车由工作人员核实。",
        "{over} above the limit; a car for a disabled person does not count, one for a livelihood"
        " is checked by a person.",
    ),
    "VEHICLE_VALUE": (
        "购置价比规定高{over}元。",
        "The price is {over} yuan above the limit.",
    ),
}
