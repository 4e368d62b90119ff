"""The shared kernel: clock, working days, identity, audit, workflow, locks, outbox, notices."""
