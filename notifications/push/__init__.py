"""Alerts on devices (docs/decisions/0034): `encryption` seals a message for one browser, `services` hands it to its push service."""
