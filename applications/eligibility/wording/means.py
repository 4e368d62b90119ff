"""Sentences (说明句) of INCOME, VEHICLE, COMPANY and DEPOSIT. Data only."""

SENTENCES: dict[str, tuple[str, str]] = {
    "INCOME": (
        "近12个月全家收入{actual}元，{persons}人平均{per_person}元；规定{op_text}{limit}元"
        "（人均{limit_per_person}元）。",
        "The household's income in 12 months is {actual} yuan, {per_person} a head for {persons};"
        " the limit is {op_text} {limit} ({limit_per_person} a head).",
    ),
    "INCOME_FAIL": (
        "近12个月全家收入{actual}元，{persons}人平均{per_person}元；规定{op_text}{limit}元"
        "（人均{limit_per_person}元），超出{over}元。",
        "The household's income in 12 months is {actual} yuan, {per_person} a head for {persons};"
        " the limit is {op_text} {limit} ({limit_per_person} a head), exceeded by {over}.",
    ),
    "INCOME_SILENT": (
        "还没有核对报告，需要工作人员核实收入。",
        "There is no verification report; income is checked by a person.",
    ),
    "INCOME_WINDOW": (
        "核对报告没有覆盖规定的12个月，需要工作人员核实。",
        "The report does not cover the 12 months required; a person checks it.",
    ),
    "STATUS_DISPUTED": (
        "民政救助与省大救助的记录不一致，由民政部门核实。",
        "The two civil-affairs registers disagree on the aid; civil affairs checks it.",
    ),
    "SETTLED_MET": (
        "负责的部门已核实，符合。",
        "The department in charge has checked it: met.",
    ),
    "SETTLED_NOT_MET": (
        "负责的部门已核实，不符合。",
        "The department in charge has checked it: not met.",
    ),
    "SETTLED_PROMISED": (
        "按承诺办理，批准后再核实。",
        "It rests on a commitment that is checked after approval.",
    ),
    "VEHICLE": ("机动车在规定以内。", "Vehicles are within the limits."),
    "VEHICLE_EXEMPT": (
        "残疾人专用车不计入；其余机动车在规定以内。",
        "A car for a disabled person does not count; other vehicles are within the limits.",
    ),
    "VEHICLE_COUNT": (
        "家庭有机动车{actual}辆；规定{op_text}{limit}辆。",
        "The household has {actual} vehicles; the limit is {op_text} {limit}.",
    ),
    "VEHICLE_VALUE": (
        "机动车购置价{actual}元；规定{op_text}{limit}元。",
        "A vehicle cost {actual} yuan; the limit is {op_text} {limit}.",
    ),
    "VEHICLE_LIVELIHOOD": (
        "有用于谋生的车辆，需要工作人员核实。",
        "A vehicle serves a livelihood; a person checks it.",
    ),
    "VEHICLE_NO_VALUE": (
        "有机动车没有登记购置价，需要工作人员核实。",
        "A vehicle has no recorded price; a person checks it.",
    ),
    "COMPANY": (
        "投资认缴合计{actual}元，在规定以内。",
        "Subscribed capital of {actual} yuan is within the limit.",
    ),
    "COMPANY_OVER": (
        "投资认缴合计{actual}元，超过{limit}元，需要工作人员核实；这不是不符合。",
        "Subscribed capital of {actual} yuan is over {limit}: checked by a person, no refusal.",
    ),
    "DEPOSIT": (
        "人均存款{actual}元，在规定以内。",
        "Deposits of {actual} yuan a head are within the limit.",
    ),
    "DEPOSIT_OVER": (
        "人均存款{actual}元，超过{limit}元，需要工作人员核实；这不是不符合。",
        "Deposits of {actual} yuan a head are over {limit}: checked by a person, no refusal.",
    ),
    "DEPOSIT_PARTIAL": (
        "有银行还没有答复，存款还查不全，需要工作人员核实。",
        "Some banks did not answer, so deposits are not known in full; a person checks them.",
    ),
}
