from django.utils.translation import gettext_lazy as _

from core.parts import Part

DECISIONS = Part(
    "decisions",
    _("Decisions"),
    _("Polls, and proposals that people agree with or object to."),
    "decisions:decision-list",
)
