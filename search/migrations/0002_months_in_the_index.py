"""The index holds the month of each row: nothing changes in the tables, and the worker makes it anew (search/receivers.py)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("search", "0001_index")]
    operations = []
