"""Words of the explanations (措辞): Chinese first, English beside it. Data only."""

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

# One sentence for each reason. Fields: actual, limit, over, per_person … as the rule filled them.
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
        "证件号码不对，请对照证件再看一遍。",
        "The ID number is not valid; please check it against the card.",
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
        "在不予受理的期限内，{until}起可以再申请。",
        "A ban on applying is in force; applying is possible again from {until}.",
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
    "HUKOU": (
        "{since}迁入本区，已满{actual}个月；规定不少于{limit}个月。",
        "Registered in the district since {since}: {actual} months; at least {limit} are needed.",
    ),
    "HUKOU_FAIL": (
        "{since}迁入本区，到今天满{actual}个月；规定不少于{limit}个月。",
        "Registered in the district since {since}: {actual} months; at least {limit} are needed.",
    ),
    "HUKOU_BIRTH": (
        "户籍一直登记在本区。",
        "Registered in the district all along.",
    ),
    "HUKOU_ELSEWHERE": (
        "户籍不在本区；规定在本区落户不少于{limit}个月。",
        "Not registered in the district; at least {limit} months are needed.",
    ),
    "HUKOU_SILENT": (
        "户籍登记没有查到记录，可以先承诺，事后核实。",
        "The household register is silent; a commitment will do and is checked later.",
    ),
    "HUKOU_OR_OTHER": (
        "户籍不满足，但居住证还没有核实清楚；两项满足一项即可。",
        "The registration does not suffice, but the permit is still open; one of the two will do.",
    ),
    "PERMIT": ("居住证在有效期内。", "The residence permit is valid."),
    "PERMIT_LAPSED": (
        "居住证已经过期或失效{until_text}，签注后可以再申请。",
        "The residence permit has lapsed{until_text}; once endorsed you may apply again.",
    ),
    "PERMIT_ELSEWHERE": (
        "居住证不是本区的。",
        "The residence permit is not of this district.",
    ),
    "PERMIT_SILENT": (
        "没有查到居住证记录，需要工作人员核实。",
        "No residence permit was found; a person checks it.",
    ),
    "PERMIT_OR_OTHER": (
        "居住证不满足，但户籍还没有核实清楚；两项满足一项即可。",
        "The permit does not suffice, but the registration is still open; one of the two will do.",
    ),
    "EMPLOYMENT_INSURED": (
        "到上个月连续参保{actual}个月；规定不少于{limit}个月。",
        "Insured for {actual} months in a row up to last month; at least {limit} are needed.",
    ),
    "EMPLOYMENT_INSURED_FAIL": (
        "到上个月连续参保{actual}个月；规定不少于{limit}个月，还差{short}个月。",
        "Insured for {actual} months in a row up to last month; {limit} are needed, {short} short.",
    ),
    "EMPLOYMENT_SILENT": (
        "没有查到参保记录，需要工作人员核实。",
        "No insurance record was found; a person checks it.",
    ),
    "EMPLOYMENT_DEGREE_SILENT": (
        "没有查到学历记录，可以先承诺，事后核实。",
        "No degree record was found; a commitment will do and is checked later.",
    ),
    "EMPLOYMENT_DEGREE_FAIL": (
        "查到的学历是{level}，低于规定的学历。",
        "The degree found is below the level required.",
    ),
    "EMPLOYMENT_GRADUATED": (
        "{graduated}毕业，在规定的{limit}个月以内。",
        "Graduated on {graduated}, within the {limit} months allowed.",
    ),
    "EMPLOYMENT_GRADUATED_FAIL": (
        "{graduated}毕业，已过规定的{limit}个月（到{last_day}为止）。",
        "Graduated on {graduated}; the {limit} months allowed ended on {last_day}.",
    ),
    "SINGLE_AGE": (
        "单人申请，{actual}周岁；规定不小于{limit}周岁。",
        "Applying alone at {actual}; the age required is {limit}.",
    ),
    "SINGLE_AGE_FAIL": (
        "单人申请，{actual}周岁；规定不小于{limit}周岁，还差{short}岁。可以和家人一起申请。",
        "Applying alone at {actual}; {limit} is required, {short} short. Applying with family is"
        " possible.",
    ),
    "SINGLE_AGE_EXEMPT": (
        "单人申请，{actual}周岁；属于不受年龄限制的情形。",
        "Applying alone at {actual}; the age limit does not apply in this situation.",
    ),
    "SINGLE_AGE_UNKNOWN": (
        "证件号码看不出年龄，需要核实。",
        "The number gives no age; checked by a person.",
    ),
    "STUDENT": ("没有在校就读的记录。", "No full-time enrolment is recorded."),
    "STUDENT_MINOR": (
        "未满18周岁，由监护人代为申请，不受在校限制。",
        "Under 18 and applying through a guardian; schooling does not count.",
    ),
    "STUDENT_FAIL": (
        "正在全日制就读（{level}），毕业后可以申请。",
        "In full-time education; applying is possible after graduation.",
    ),
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
    "HOUSING_AREA": (
        "住房合计{actual}平方米，{persons}人平均{per_person}平方米；规定{op_text}{limit}平方米。",
        "Homes of {actual} ㎡ in all, {per_person} a head for {persons}; the limit is {op_text}"
        " {limit}.",
    ),
    "HOUSING_AREA_FAIL": (
        "住房合计{actual}平方米，{persons}人平均{per_person}平方米；规定{op_text}{limit}平方米，"
        "超出{over}平方米。",
        "Homes of {actual} ㎡ in all, {per_person} a head for {persons}; the limit is {op_text}"
        " {limit}, exceeded by {over}.",
    ),
    "HOUSING_OUTSIDE": (
        "有住房在查询范围以外的地区，需要工作人员核实。",
        "A home lies outside the area searched; a person checks it.",
    ),
    "HOUSING_UNMEASURED": (
        "有住房没有登记面积，需要工作人员核实。",
        "A home has no recorded area; a person checks it.",
    ),
    "HOUSING_DEED_TAX": (
        "有一笔契税没有对应的登记或合同，需要工作人员核实。",
        "A deed-tax payment matches no registered home or contract; a person checks it.",
    ),
    "HOUSING_OFFPLAN_NONE": ("没有期房合同。", "No off-plan contract was found."),
    "HOUSING_OFFPLAN": (
        "计入期房后合计{actual}平方米；规定{op_text}{limit}平方米。",
        "With homes bought off plan {actual} ㎡ in all; the limit is {op_text} {limit}.",
    ),
    "HOUSING_OFFPLAN_FAIL": (
        "查到{date}的购房合同，{added}平方米；合计{actual}平方米，{persons}人平均{per_person}"
        "平方米；规定{op_text}{limit}平方米，超出{over}平方米。",
        "A purchase contract of {date}, {added} ㎡, was found; {actual} ㎡ in all, {per_person} a"
        " head for {persons}; the limit is {op_text} {limit}, exceeded by {over}.",
    ),
    "TRANSFER_LOOKBACK_NONE": (
        "追溯期内没有转让住房。",
        "No home was given away in the look-back period.",
    ),
    "TRANSFER_LOOKBACK": (
        "计入追溯期内转让的住房后合计{actual}平方米；规定{op_text}{limit}平方米。",
        "With homes given away lately {actual} ㎡ in all; the limit is {op_text} {limit}.",
    ),
    "TRANSFER_LOOKBACK_FAIL": (
        "{date}转让住房{added}平方米，还在追溯期内；合计{actual}平方米，规定{op_text}{limit}"
        "平方米，超出{over}平方米。{ends}起不再计入。",
        "A home of {added} ㎡ was given away on {date}, still in the look-back; {actual} ㎡ in all,"
        " the limit is {op_text} {limit}, exceeded by {over}. It no longer counts from {ends}.",
    ),
    "TRANSFER_UNDATED": (
        "有以前的住房没有登记转出日期，需要工作人员核实。",
        "A former home has no recorded date of transfer; a person checks it.",
    ),
    "DIVORCE_LOOKBACK_NONE": (
        "追溯期内没有离婚析产的住房。",
        "No home was divided at a divorce in the look-back period.",
    ),
    "DIVORCE_LOOKBACK": (
        "计入追溯期内离婚析产的住房后合计{actual}平方米；规定{op_text}{limit}平方米。",
        "With homes divided at divorce {actual} ㎡ in all; the limit is {op_text} {limit}.",
    ),
    "DIVORCE_LOOKBACK_FAIL": (
        "离婚前共有的住房{added}平方米还在追溯期内；合计{actual}平方米，规定{op_text}{limit}"
        "平方米，超出{over}平方米。{ends}起不再计入。",
        "Homes of {added} ㎡ held before the divorce still count; {actual} ㎡ in all, the limit is"
        " {op_text} {limit}, exceeded by {over}. They no longer count from {ends}.",
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
}

OPERATORS = {
    "<=": ("不高于", "at most"),
    "<": ("低于", "less than"),
    ">=": ("不少于", "at least"),
    ">": ("多于", "more than"),
}
