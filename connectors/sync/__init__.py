"""The workshop: carries records from one side to the other, one named job per file."""
