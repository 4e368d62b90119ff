"""One command per headline figure; each is measured against its reference in the same run."""
