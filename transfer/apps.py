from django.apps import AppConfig


class TransferConfig(AppConfig):
    """Import and export of whole sites. Comes after every feature app, since it uses them all."""

    name = "transfer"
