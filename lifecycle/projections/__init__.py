"""Projections: event -> row changes, and the queries that read them."""
