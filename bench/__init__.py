"""Benches: what the service does beside a peer and a floor, measured in the same run."""
