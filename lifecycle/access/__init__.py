"""Who may see a world, and who may act for whom in it."""
