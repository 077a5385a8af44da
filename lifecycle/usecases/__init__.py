"""What people and agents do with the service: load, decide, append, project."""
