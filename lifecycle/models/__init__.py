"""The tables. Imported here so that Django finds them; import each from its own file."""

from lifecycle.models import (
    audits,
    content,
    decisions,
    drafts,
    jobs,
    journal,
    presence,
    projections,
    runs,
    teams,
    worlds,
)
