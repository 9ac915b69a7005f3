"""One module per system: how its export is recognised, and how it is read."""
