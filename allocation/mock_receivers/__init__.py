"""The operating company and the access system as the platform meets them: a process of its own."""
