"""Sentences (说明句) of the rules on people and the household. Data only."""

SENTENCES: dict[str, tuple[str, str]] = {
    "SOURCE_PENDING": (
        "还在等部门回复：{sources}。没有查到不等于不符合，查到后继续核查。",
        "Still waiting for: {sources}. No answer is no refusal; the check goes on when it comes.",
    ),
    "IDENTITY": ("姓名和证件号码与登记一致。", "Name and ID number agree with the register."),
    "IDENTITY_CHILD": (
        "未满16周岁，可以没有身份证；没有发现不一致。",
        "Under 16, an identity card is not required; nothing disagrees.",
    ),
    "IDENTITY_NUMBER": (
        "证件号码可能有一位填错。",
        "One character of the ID number may be wrong.",
    ),
    "IDENTITY_SILENT": (
        "没有查到这个人的登记，需要工作人员核实身份。",
        "No register knows this person; identity is checked by a person.",
    ),
    "IDENTITY_NAME": (
        "登记的姓名与填写的不同，需要工作人员核实。",
        "The registered name differs from the one given; a person checks it.",
    ),
    "IDENTITY_FORMER_NAME": (
        "填写的姓名是曾用名，与现在登记的姓名不同，需要工作人员核实。",
        "The name given is a former name; a person checks it.",
    ),
    "DECEASED": ("没有死亡登记。", "No register records a death."),
    "DECEASED_ALONE": (
        "只有一个部门有死亡记录，需要工作人员核实。",
        "One register alone records a death; a person checks it.",
    ),
    "DECEASED_FAIL": (
        "两个部门都有死亡记录。",
        "Two registers agree on a death.",
    ),
    "DUPLICATE": (
        "没有其他在保或在办的住房保障。",
        "No other housing support or application is in force.",
    ),
    "DUPLICATE_FAIL": (
        "已经在另一份住房保障或申请中（{other}），同一个人不能同时享受两份。",
        "Already in another housing support or application ({other}); nobody can be in two.",
    ),
    "BAN": ("没有不予受理的期限。", "No ban on applying is in force."),
    "BAN_OVER": ("不予受理的期限已经过了（{limit}）。", "The ban on applying ended on {limit}."),
    "BAN_FAIL": (
        "在不予受理的期限内，{until}前不能再申请。",
        "A ban on applying is in force until {until}.",
    ),
    "CONSENT": ("已经同意核查。", "Consent to the checks is given."),
    "CONSENT_FAIL": (
        "没有同意核查或已经撤回同意，不能继续核查。",
        "Consent was refused or withdrawn, so the checks cannot go on.",
    ),
    "CONSENT_GUARDIAN_MISSING": (
        "申请人未满18周岁，需要监护人代为办理。",
        "The applicant is under 18 and needs a guardian to act.",
    ),
    "MEMBERS": (
        "配偶和未成年子女都在申请里。",
        "The spouse and all minor children are in the application.",
    ),
    "MEMBERS_SPOUSE": (
        "登记的配偶{name}没有列入申请；配偶应当一起申请。",
        "The registered spouse {name} is missing; spouses apply together.",
    ),
    "MEMBERS_CHILD": (
        "登记的未成年子女{name}没有列入申请；未成年子女应当一起申请。",
        "The registered minor child {name} is missing; minor children apply with their parents.",
    ),
    "MEMBERS_MARRIAGE_SILENT": (
        "婚姻登记没有查到记录，可以先承诺，事后核实。",
        "The marriage registers are silent; a commitment will do and is checked later.",
    ),
    "MEMBERS_REGISTER_SILENT": (
        "户籍登记没有查到记录，家庭成员可以先承诺，事后核实。",
        "The household register is silent; a commitment on members will do and is checked later.",
    ),
    "MEMBERS_MARRIAGE_DISPUTED": (
        "婚姻登记与申请填写的不一致，需要工作人员核实。",
        "The marriage register and the application disagree; a person checks it.",
    ),
    "IDENTITY_TWO_NUMBERS": (
        "有两名家庭成员姓名和出生日期都相同，可能是同一个人有两个证件号码，需要工作人员核实。",
        "Two members share a name and a birth date, perhaps one person with two ID numbers; a"
        " person checks it.",
    ),
    "MEMBERS_TWO_NUMBERS": (
        "登记的{name}和申请里的{name}证件号码不同，可能是同一个人，需要工作人员核实。",
        "The register and the application give {name} different ID numbers, perhaps one person; a"
        " person checks it.",
    ),
    "MEMBERS_DEATH_ALONE": (
        "登记的{name}没有列入申请，只有一个部门有死亡记录，需要工作人员核实。",
        "The registered relative {name} is missing, and one register alone records a death; a"
        " person checks it.",
    ),
}
