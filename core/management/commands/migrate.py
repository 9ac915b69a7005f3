"""Django's `manage.py migrate`, with an executor that locks tables for milliseconds (core/migrating.py)."""

from django.core.management.commands import migrate

from core.migrating import PromptExecutor

# Django has no option for it.
vars(migrate)["MigrationExecutor"] = PromptExecutor


class Command(migrate.Command):
    pass
