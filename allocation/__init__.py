"""配租: from homes and the waiting list to a drawn, published and signed allocation."""
