"""What an operator does with the service from the command line."""
