"""违规线索、整改、认定和罚款 (令11号 §27, §29, §36): each step by a person, told before, heard."""
