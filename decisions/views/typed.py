"""Keeps what is typed into the other forms of a decision's page, which are all sent together."""

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
    """Put the submitted text into the page's forms, except the processed one.

    Returns whether there was any.
    """
    typed = {
        name: found
        for name in FORMS
        if name != done
        and name in context
        and not (name == "vote_form" and context["decision"].is_over)  # a choice, not text
        and (found := typed_into(context[name], sent))
    }
    for name, values in typed.items():
        context[name].initial |= values
    refused = refused_after_the_end(context["decision"], sent, done)
    context |= refused
    return bool(typed or refused)


def typed_into(form: Form, sent: QueryDict) -> dict[str, Any]:
    """The submitted values of the form's fields that differ from those on the page."""
    found = {}
    for name, field in form.fields.items():
        sent_as = form.add_prefix(name)
        value = field.widget.value_from_datadict(sent, MultiValueDict(), sent_as)
        if sent_as in sent and field.has_changed(form.get_initial_for_field(field, name), value):
            found[name] = value
    return found


def refused_after_the_end(decision: Decision, sent: QueryDict, done: str) -> dict[str, Form]:
    """Forms with typed text that the page no longer shows, because the decision is over, with that error."""
    if not decision.is_over:
        return {}
    forms: dict[str, Form] = {}
    is_outcome = done == "outcome_form" and not OutcomeForm().is_in(sent)  # sent by its plain field name
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
