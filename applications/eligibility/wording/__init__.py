"""Words of the explanations (措辞): Chinese first, English beside it. Data only.

A sentence stands under the reason of a verdict; its fields are filled by the rule (rules/).
"""

from applications.eligibility.wording import housing, means, names, people, ties
from applications.eligibility.wording.changes import CHANGES as CHANGES

ZH, EN = names.ZH, names.EN
RULES, RESULTS, OUTCOMES, OPERATORS = names.RULES, names.RESULTS, names.OUTCOMES, names.OPERATORS
TIERS, CATEGORIES, GROUPS = names.TIERS, names.CATEGORIES, names.GROUPS
FORMS, UNITS, MARKS = names.FORMS, names.UNITS, names.MARKS

SENTENCES: dict[str, tuple[str, str]] = {
    **people.SENTENCES, **ties.SENTENCES, **means.SENTENCES, **housing.SENTENCES,
}  # fmt: skip
