"""The audit pages of the Django admin. Imported here so that Django finds them."""
