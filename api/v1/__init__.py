"""Version 1 of the API: adds fields and addresses, takes none away."""
