from django.apps import AppConfig


class TransferConfig(AppConfig):
    """Whole sites in and out. Stands after every feature app, since it knows them all."""

    name = "transfer"
