"""The province's sign-in as a process of its own, for demo and tests: same protocol, invented people."""
