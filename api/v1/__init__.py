"""Version 1 of the API. Fields and URLs may be added, but not removed."""
