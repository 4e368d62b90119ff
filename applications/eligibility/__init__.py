"""Eligibility (资格认定): facts · rules · assessment · policy. Plain Python, no Django."""
