"""Act: the shell around the decisions. The only root that talks, waits and reads the clock."""
