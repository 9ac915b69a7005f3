from whitenoise.storage import CompressedManifestStaticFilesStorage


class ForgivingManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed, compressed static files; one that is missing gives a broken link, not a broken page."""

    manifest_strict = False
