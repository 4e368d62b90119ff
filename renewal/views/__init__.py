"""Pages of the re-check: for the bureau and for the household."""
