"""One file per way of talking; the only place where a channel's SDK may be imported."""
