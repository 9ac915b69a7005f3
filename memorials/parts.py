from django.utils.translation import gettext_lazy as _

from core.parts import Part

MEMORIALS = Part(
    "memorials",
    _("In memory"),
    _(
        "When a member has died, you and a second person can keep a memorial for them: a letter, pictures, memories, and a book for the family."
    ),
    "memorials:memorial-list",
)
