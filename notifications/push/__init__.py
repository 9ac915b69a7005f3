"""Web Push (docs/decisions/0029): `encryption` encrypts a message for a browser, `services` sends it."""
