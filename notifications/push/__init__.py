"""Web Push (docs/decisions/0029): `encryption` encrypts a message for one browser, `services` sends it to its push service."""
