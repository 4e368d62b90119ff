"""Sentences (说明句) of HUKOU, PERMIT, EMPLOYMENT, SINGLE_AGE and STUDENT. Data only."""

SENTENCES: dict[str, tuple[str, str]] = {
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
        "居住证已经过期或失效{until_text}。",
        "The residence permit has lapsed{until_text}.",
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
        "到上个月连续参保{actual}个月；规定不少于{limit}个月。",
        "Insured for {actual} months in a row up to last month; at least {limit} are needed.",
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
        "单人申请，{actual}周岁；规定不小于{limit}周岁，还差{short}岁。",
        "Applying alone at {actual}; {limit} is required, {short} short.",
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
        "正在全日制就读（{level}）。",
        "In full-time education.",
    ),
    "EMPLOYMENT_FUND": (
        "没有查到参保记录，但查到{employer}在缴公积金，需要工作人员核实就业情况。",
        "No insurance record was found, but an employer pays into a provident fund; a person checks"
        " the employment.",
    ),
}
