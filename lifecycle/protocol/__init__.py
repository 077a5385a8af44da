"""What agents say and are told: the decision's schema, its parser, the words of refusals. Pure."""
