"""A small Salesforce organisation and a small ShipHero warehouse, on real wire formats.

Demo, tests, drills and training use the same two worlds. Nothing here runs unless
asked for, and production code never imports it.
"""
