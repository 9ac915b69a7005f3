"""What the comment form carries for moderation.guard."""

from functools import partial
from typing import Any

from django import template
from django.forms import BaseForm

from core.gaps import GapCollector
from moderation import guard

register = template.Library()


@register.inclusion_tag("moderation/_form_guard.html", takes_context=True)
def form_guard(context: dict[str, Any], form: BaseForm) -> dict[str, Any]:
    """The sealed time and the field that people do not see. A form that comes back keeps the seal it was sent with."""
    seal = form.data.get(guard.SEAL_FIELD, "")[:200] if form.is_bound else ""
    # Words that are there already (kept over a sign-in, sent back with an error) take no time to write.
    make_seal = partial(guard.make_seal, is_filled=form.is_bound or bool(form.initial.get("body")))
    gaps = context.get("gaps")
    return {
        # A form that is kept for many readers gets its time when one of them opens it.
        "seal": seal or (gaps.later(make_seal) if isinstance(gaps, GapCollector) else make_seal()),
        "seal_field": guard.SEAL_FIELD,
        "honeypot_field": guard.HONEYPOT_FIELD,
    }
