"""The province's sign-in as a process of its own: same protocol, invented people."""
