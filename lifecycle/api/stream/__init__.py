"""A world's events as they happen: one stream of server-sent events (docs/adr/0009)."""
