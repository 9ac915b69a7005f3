"""View statistics for the host on the page of a post."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Sum
from django.utils.html import conditional_escape
from django.utils.translation import ngettext

from dashboard.models import PageDay


def facts_in_words(post_pk: int) -> str:
    """The number of views of a post as HTML; "" without any. One query, by index."""
    views = PageDay.objects.filter(page=post_pk).aggregate(all=Sum("views"))["all"] or 0
    words = ngettext("Viewed once", "Viewed %(count)s times", views) % {"count": intcomma(views)}
    return conditional_escape(words) if views else ""
