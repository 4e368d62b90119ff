"""Names (名称) of rules, results, tiers, categories, groups, registers. Data only."""

ZH, EN = "zh-hans", "en"

RULES: dict[str, tuple[str, str]] = {
    "IDENTITY": ("身份信息", "Identity"),
    "DECEASED": ("人员状态", "Living status"),
    "DUPLICATE": ("重复保障", "Other support"),
    "BAN": ("禁止申请期", "Ban on applying"),
    "CONSENT": ("同意核查", "Consent"),
    "MEMBERS": ("家庭成员", "Household members"),
    "HUKOU": ("户籍", "Household registration"),
    "PERMIT": ("居住证", "Residence permit"),
    "EMPLOYMENT": ("就业", "Employment"),
    "SINGLE_AGE": ("单人户年龄", "Age of a single applicant"),
    "STUDENT": ("在校学生", "Full-time education"),
    "INCOME": ("家庭收入", "Household income"),
    "HOUSING_AREA": ("住房面积", "Housing area"),
    "HOUSING_OFFPLAN": ("期房合同", "Homes bought off plan"),
    "TRANSFER_LOOKBACK": ("转让住房", "Homes given away"),
    "DIVORCE_LOOKBACK": ("离婚析产住房", "Homes divided at divorce"),
    "VEHICLE": ("机动车", "Vehicles"),
    "COMPANY": ("投资任职", "Companies"),
    "DEPOSIT": ("存款", "Deposits"),
}

RESULTS = {
    "pass": ("符合", "met"),
    "fail": ("不符合", "not met"),
    "unknown": ("待核实", "to be checked"),
}

TIERS = {
    "TK": ("特困", "extreme poverty"),
    "DB": ("低保", "minimum living allowance"),
    "DBBY": ("低保边缘", "near the minimum living allowance"),
    "DSR": ("低收入", "low income"),
    "ZPX": ("中等偏下收入", "lower-middle income"),
    "NEW": ("新就业无房职工", "new employee"),
    "MIG": ("稳定就业外来务工人员", "migrant worker"),
}

CATEGORIES = {
    "urban_low_income": ("城镇住房困难家庭", "urban household"),
    "new_employee": ("新就业无房职工", "new employee"),
    "migrant_worker": ("稳定就业外来务工人员", "migrant worker"),
}

OUTCOMES = {
    "eligible": ("符合条件。", "The conditions are met."),
    "conditional": (
        "符合条件，其中按承诺办理的事项事后核实。",
        "The conditions are met; what rests on a commitment is checked later.",
    ),
    "ineligible": (
        "按目前查到的信息，有{count}项不符合条件，由工作人员核对后决定。",
        "By what was found so far, conditions not met: {count}; a person decides.",
    ),
    "pending_source": (
        "有部门的信息还没有查到，查到后继续办理，不影响您的申请。",
        "Some registers have not answered yet; your application goes on when they do.",
    ),
    "manual_review": (
        "有事项需要工作人员核实。",
        "Something needs to be checked by a person.",
    ),
}

OPERATORS = {
    "<=": ("不高于", "at most"),
    "<": ("低于", "less than"),
    ">=": ("不少于", "at least"),
    ">": ("多于", "more than"),
}

GROUPS = {
    "TK": ("特困", "extreme poverty"),
    "ORPHAN": ("孤儿", "orphan"),
    "LONE_ELDER": ("孤老", "elderly person alone"),
    "DB": ("低保", "minimum living allowance"),
    "DBBY": ("低保边缘", "near the minimum living allowance"),
    "HERO_FAMILY": ("烈属、优抚对象", "family of a martyr or veteran"),
    "DISABLED_1_2": ("一、二级残疾", "severe disability (level 1 or 2)"),
    "AGE_70": ("70岁以上老人", "aged 70 or over"),
    "MANY_CHILDREN": ("多孩家庭", "several children"),
    "BRAVERY": ("见义勇为", "award for bravery"),
    "FRONTLINE": ("环卫、公交一线职工", "front-line sanitation or bus worker"),
}

FORMS = {
    "public_rental": ("公租房", "a public rental home"),
    "rental_subsidy": ("租赁补贴", "a rental subsidy"),
}

UNITS = {
    "1R": ("一居室", "one room"),
    "2R": ("二居室", "two rooms"),
    "3R": ("三居室", "three rooms"),
}

MARKS = {
    "verified": ("已核对原文", "checked against the document"),
    "unverified": ("尚待核实原文", "not verified"),
}
