"""Kinship codes (亲属关系代码) by GB/T 4761-2008. Pure Python.

The first digit groups relatives, but 28 女婿 and 38 儿媳 stand among sons and daughters: whoever
asks for children asks here, never for a first digit.
"""

HEADS = frozenset({"01", "02"})  # 本人, 户主
SPOUSES = frozenset({"10", "11", "12"})
SONS = frozenset({"20", "21", "22", "23", "24", "25", "26", "27", "29"})
DAUGHTERS = frozenset({"30", "31", "32", "33", "34", "35", "36", "37", "39"})
CHILDREN = SONS | DAUGHTERS
PARENTS = frozenset({"50", "51", "52"})
