"""Template tag for the fields of moderation.spamfilter.form_token."""

from functools import partial
from typing import Any

from django.forms import BaseForm
from django.template import Library

from core.pagecache.placeholders import GapCollector
from moderation.spamfilter import form_token

register = Library()


@register.inclusion_tag("moderation/_form_token.html", takes_context=True)
def form_token_fields(context: dict[str, Any], form: BaseForm) -> dict[str, Any]:
    """The signed time and the honeypot field. A form that is shown again keeps its token."""
    seal = form.data.get(form_token.SEAL_FIELD, "")[:200] if form.is_bound else ""
    # Prefilled text (kept during a sign-in, returned with an error) takes no time to write.
    make_seal = partial(form_token.make_seal, is_filled=form.is_bound or bool(form.initial.get("body")))
    gaps = context.get("gaps")
    return {
        # A form in a cached page gets its time when it is served.
        "seal": seal or (gaps.later(make_seal) if isinstance(gaps, GapCollector) else make_seal()),
        "seal_field": form_token.SEAL_FIELD,
        "honeypot_field": form_token.HONEYPOT_FIELD,
    }


@register.inclusion_tag("moderation/_form_token.html")
def form_honeypot() -> dict[str, Any]:
    """The honeypot field alone, for forms that are quick to fill in."""
    return {"honeypot_field": form_token.HONEYPOT_FIELD}
