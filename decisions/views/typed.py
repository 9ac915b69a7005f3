"""The forms on the page of a poll or proposal are sent together: what is typed into those that were not meant is kept."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from decisions.forms.settling import InviteForm, OutcomeForm
from decisions.forms.taking_part import PositionForm
from decisions.models import Decision
from decisions.services.inviting import check_takes_guests
from decisions.services.positions import check_takes

FORMS = ("vote_form", "position_form", "invite_form", "outcome_form", "review_form")


def keep_typed(context: dict[str, Any], sent: QueryDict, done: str = "") -> bool:
    """Put what was sent into the forms of the page, but for the one that is done. Returns whether there was anything."""
    typed = {
        name: found
        for name in FORMS
        if name != done
        and name in context
        and not (name == "vote_form" and context["decision"].is_over)  # a choice, not words
        and (found := typed_into(context[name], sent))
    }
    for name, values in typed.items():
        context[name].initial |= values
    refused = refused_after_the_end(context["decision"], sent, done)
    context |= refused
    return bool(typed or refused)


def typed_into(form: Form, sent: QueryDict) -> dict[str, Any]:
    """What was sent for its fields that is something else than what the page showed there."""
    found = {}
    for name, field in form.fields.items():
        sent_as = form.add_prefix(name)
        value = field.widget.value_from_datadict(sent, MultiValueDict(), sent_as)
        if sent_as in sent and field.has_changed(form.get_initial_for_field(field, name), value):
            found[name] = value
    return found


def refused_after_the_end(decision: Decision, sent: QueryDict, done: str) -> dict[str, Form]:
    """It is over, and its page shows these forms no more: they come with what was typed, and say so."""
    if not decision.is_over:
        return {}
    forms: dict[str, Form] = {}
    is_outcome = done == "outcome_form" and not OutcomeForm().is_in(sent)  # its text, under the plain name
    if done != "position_form" and not decision.is_poll and not is_outcome and sent.get("body", "").strip():
        forms["position_form"] = refused(PositionForm(sent), "body", lambda: check_takes(decision))
    if done != "invite_form" and sent.get("people", "").strip():
        forms["invite_form"] = refused(InviteForm(sent), "people", lambda: check_takes_guests(decision))
    return forms


def refused(form: PositionForm | InviteForm, field: str, check: Callable[[], object]) -> Form:
    form.full_clean()
    form.without_errors()
    try:
        check()
    except ValidationError as error:
        form.add_error(field, error)
    return form
