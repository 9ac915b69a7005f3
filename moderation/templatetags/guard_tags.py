"""What the comment form carries for moderation.spamfilter.form_token."""

from functools import partial
from typing import Any

from django import template
from django.forms import BaseForm

from core.pagecache.placeholders import GapCollector
from moderation.spamfilter import form_token

register = template.Library()


@register.inclusion_tag("moderation/_form_guard.html", takes_context=True)
def form_guard(context: dict[str, Any], form: BaseForm) -> dict[str, Any]:
    """The sealed time and the field that people do not see. A form that comes back keeps the seal it was sent with."""
    seal = form.data.get(form_token.SEAL_FIELD, "")[:200] if form.is_bound else ""
    # Words that are there already (kept over a sign-in, sent back with an error) take no time to write.
    make_seal = partial(form_token.make_seal, is_filled=form.is_bound or bool(form.initial.get("body")))
    gaps = context.get("gaps")
    return {
        # A form that is kept for many readers gets its time when one of them opens it.
        "seal": seal or (gaps.later(make_seal) if isinstance(gaps, GapCollector) else make_seal()),
        "seal_field": form_token.SEAL_FIELD,
        "honeypot_field": form_token.HONEYPOT_FIELD,
    }
