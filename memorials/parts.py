from django.utils.translation import gettext_lazy as _

from core.parts import Part

MEMORIALS = Part(
    "memorials",
    _("In memory"),
    _(
        "When a member has died, you and a second person can keep a memorial for them: a letter, pictures, memories, and a book for the family."
    ),
    "memorials:memorial-list",
    # An account stays closed while the part is off: its owner, if alive, must still reach the keepers, and
    # they the undo.
    stay=frozenset({"tell", "memorial-keep"}),
)
