"""入户检查 and what the doors report: who is visited and why, what was seen, photos, presence."""
