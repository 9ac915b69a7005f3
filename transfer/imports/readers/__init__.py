"""One module for each system: how its export is recognised, and what is in it."""
