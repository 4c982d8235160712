"""What is missing or contradictory in the settings, as system checks."""
