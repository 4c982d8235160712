"""Door: looks at everything the sync stands on, and says in plain words what helps."""
