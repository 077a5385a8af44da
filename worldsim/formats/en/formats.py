"""Moments as the notebook writes them; Django's own for English have no seconds and no zone."""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i:s e"
