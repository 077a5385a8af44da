"""How moments and dates are written, for all languages that the pages are in."""
