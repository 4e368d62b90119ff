"""Figures (指标): what each number counts, in words and as the rows that make it."""
