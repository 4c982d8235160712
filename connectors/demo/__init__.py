"""The demonstration: both worlds, the product, and a judge, on this machine alone."""
