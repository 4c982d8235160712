"""A small ShipHero account with a warehouse floor, on the real wire formats."""
