"""Entry points of the queue, named there by dotted strings: a few lines each."""
