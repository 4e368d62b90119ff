"""People and bureaus: who signs in, by what proof, and which pages are open to whom."""
