"""Alerts on devices (docs/decisions/0029): `encryption` seals a message for one browser, `services` hands it to its push service."""
