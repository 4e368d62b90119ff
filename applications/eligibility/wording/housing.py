"""Sentences (说明句) of the four rules on homes. Data only."""

SENTENCES: dict[str, tuple[str, str]] = {
    "HOUSING_AREA": (
        "住房合计{actual}平方米，{persons}人平均{per_person}平方米；规定合计{op_text}{limit}平方米。",
        "Homes of {actual} ㎡ in all, {per_person} a head for {persons}; the limit is {op_text}"
        " {limit} in all.",
    ),
    "HOUSING_AREA_FAIL": (
        "住房合计{actual}平方米，{persons}人平均{per_person}平方米；规定合计{op_text}{limit}平方米，"
        "超出{over}平方米。",
        "Homes of {actual} ㎡ in all, {per_person} a head for {persons}; the limit is {op_text}"
        " {limit} in all, exceeded by {over}.",
    ),
    "HOUSING_OUTSIDE": (
        "有住房在查询范围以外的地区，需要工作人员核实。",
        "A home lies outside the area searched; a person checks it.",
    ),
    "HOUSING_SHARE_OPEN": (
        "有住房是按份共有，登记没有写份额；全部计入为{actual}平方米，需要工作人员核实份额。",
        "A home is owned in shares that the register does not state; counted whole it makes"
        " {actual} ㎡, and a person checks the share.",
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
        "计入期房后合计{actual}平方米；规定合计{op_text}{limit}平方米。",
        "With homes bought off plan {actual} ㎡ in all; the limit is {op_text} {limit}.",
    ),
    "HOUSING_OFFPLAN_FAIL": (
        "查到{date}的购房合同，{added}平方米；合计{actual}平方米，{persons}人平均{per_person}"
        "平方米；规定合计{op_text}{limit}平方米，超出{over}平方米。",
        "A purchase contract of {date}, {added} ㎡, was found; {actual} ㎡ in all, {per_person} a"
        " head for {persons}; the limit is {op_text} {limit} in all, exceeded by"
        " {over}.",
    ),
    "TRANSFER_LOOKBACK_NONE": (
        "追溯期内没有转让住房。",
        "No home was given away in the look-back period.",
    ),
    "TRANSFER_LOOKBACK": (
        "计入追溯期内转让的住房后合计{actual}平方米；规定合计{op_text}{limit}平方米。",
        "With homes given away lately {actual} ㎡ in all; the limit is {op_text} {limit}.",
    ),
    "TRANSFER_LOOKBACK_FAIL": (
        "{date}转让住房{added}平方米，还在追溯期内；合计{actual}平方米，规定合计{op_text}{limit}"
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
        "计入追溯期内离婚析产的住房后合计{actual}平方米；规定合计{op_text}{limit}平方米。",
        "With homes divided at divorce {actual} ㎡ in all; the limit is {op_text} {limit}.",
    ),
    "DIVORCE_LOOKBACK_FAIL": (
        "离婚前夫妻名下的住房{added}平方米还在追溯期内；合计{actual}平方米，规定合计{op_text}{limit}"
        "平方米，超出{over}平方米。{ends}起不再计入。",
        "Homes of {added} ㎡ held before the divorce still count; {actual} ㎡ in all, the limit is"
        " {op_text} {limit}, exceeded by {over}. They no longer count from {ends}.",
    ),
}
