"""The pages that people use in a browser. Rules and tables must not be put here."""
