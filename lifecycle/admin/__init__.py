"""The audit pages of the Django admin. Imported here so that Django finds them."""

from lifecycle.admin import (
    accounts,
    checks,
    content,
    decisions,
    jobs,
    journal,
    projections,
    runs,
    site,
    teams,
    worlds,
)
