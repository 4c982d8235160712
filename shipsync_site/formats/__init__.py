"""How dates are written: one way that sorts and that nobody reads wrongly."""
