"""Cases, the review queue and register calls as JSON, with the permissions of the pages."""
