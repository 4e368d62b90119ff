"""The demo city's platform side: staff, homes, and a year of cases of the same invented people.

The people come from the mock departments' pure generator; what the platform holds about them is
written here as a year of work would have left it: rows in bulk for the many, the real verbs on a
held clock for the rounds and the exit. No name and no number stands in this code.
"""
