"""Pictures of every page of every face, from the demo city."""
