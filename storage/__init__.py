"""Remember: the only root that knows a database exists."""
