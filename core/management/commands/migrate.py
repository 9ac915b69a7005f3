"""Django's `manage.py migrate`, by an executor that holds tables for milliseconds (core/migrating.py)."""

from django.core.management.commands import migrate

from core.migrating import PromptExecutor

# Django has no other way to name one.
vars(migrate)["MigrationExecutor"] = PromptExecutor


class Command(migrate.Command):
    pass
