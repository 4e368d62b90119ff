"""Pages of the allocation, by who looks at them."""
