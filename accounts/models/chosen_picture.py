"""A picture uploaded with a form that is not saved yet."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.images import ProfilePictureField


class ChosenPicture(models.Model):
    """An uploaded picture for an unsaved profile form, since browsers do not resubmit files.

    There is one for each field, and the form contains its key. `accounts.tasks` deletes it after a day.
    """

    class Field(models.TextChoices):
        """The column of User that the picture is for."""

        AVATAR = "avatar", _("picture")
        COVER = "cover", _("banner picture")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chosen_pictures", db_index=False
    )
    field = models.CharField(max_length=6, choices=Field)
    file = ProfilePictureField()  # in the folder of saved pictures, so that it need not be moved
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "field"], name="one_chosen_picture_per_field")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.field}: {self.file.name}"
