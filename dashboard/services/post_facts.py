"""What the host reads on the page of a post about its readers."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Sum
from django.utils.html import conditional_escape
from django.utils.translation import ngettext

from dashboard.models import PageDay


def facts_in_words(post_pk: int) -> str:
    """How often the post was viewed, as HTML; "" before the first time. One query, by index."""
    views = PageDay.objects.filter(page=post_pk).aggregate(all=Sum("views"))["all"] or 0
    words = ngettext("Viewed once", "Viewed %(count)s times", views) % {"count": intcomma(views)}
    return conditional_escape(words) if views else ""
