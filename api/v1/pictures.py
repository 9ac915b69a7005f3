"""Pictures and files: uploaded first, then used in a comment or a post."""

from typing import Annotated

from django.core.exceptions import ValidationError
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from api.v1.auth import ApiRequest, Hosting, Writing
from api.v1.problems import invalid_field
from comments.services.images import ALT_CHARACTERS, add_picture, picture_markdown
from core.utils.urls import absolute_url
from posts.editor.uploads import add_upload, html_of

router = Router(tags=["Pictures"])

ALT = "Describes the picture for people who can’t see it."


class PictureOut(Schema):
    markdown: str = Field(
        description="Put it into the `body` of one comment of yours; there the picture is shown."
    )
    url: str = Field(description="Where the picture is.")
    width: int = Field(description="In pixels.")
    height: int = Field(description="In pixels.")


class UploadOut(Schema):
    id: int = Field(description="The ID of the file.")
    kind: str = Field(description="“picture”, “audio” or “file”.")
    html: str = Field(description="Put it into the `body` of a post; there the file is shown or linked.")
    url: str = Field(description="Where the file is.")


@router.post(
    "/pictures", response={201: PictureOut}, auth=Writing(), summary="Upload a picture for a comment"
)
def upload_picture(
    request: ApiRequest,
    picture: Annotated[UploadedFile, File(description="JPEG, PNG, WebP or GIF.")],
    alt: Annotated[str, Form(max_length=ALT_CHARACTERS, description=ALT)] = "",
) -> Status:
    """Stores a picture, and returns the Markdown that shows it in a comment of yours.

    Needs the scope “write”.

    Send it as `multipart/form-data`. Without a comment that shows it, it is deleted after a day. 422 if it is
    no picture or too large, 429 if you upload too many.
    """
    try:
        made = add_picture(picture, by=request.user, alt=alt)
    except ValidationError as error:
        raise refused("picture", error) from error
    return Status(
        201,
        PictureOut(
            markdown=picture_markdown(made),
            url=absolute_url(made.file.url),
            width=made.width,
            height=made.height,
        ),
    )


@router.post("/uploads", response={201: UploadOut}, auth=Hosting(), summary="Upload a file for a post")
def upload_file(
    request: ApiRequest,
    file: Annotated[
        UploadedFile, File(description="A picture, a sound recording, a PDF or an office document.")
    ],
    alt: Annotated[str, Form(max_length=250, description=ALT)] = "",
) -> Status:
    """Stores a file, and returns the HTML that shows or links it in a post. Needs the scope “host”.

    Send it as `multipart/form-data`. The same file sent again is stored once. 422 if it is too large or its
    type is not accepted.
    """
    try:
        made = add_upload(file, by=request.user, alt=alt)
    except ValidationError as error:
        raise refused("file", error) from error
    return Status(
        201,
        UploadOut(id=made.pk, kind=made.kind, html=html_of(made), url=absolute_url(made.file.url)),
    )


def refused(field: str, error: ValidationError) -> Exception:
    """An error at the field, unless it is about the sender."""
    code = getattr(error, "code", None) or "invalid"
    return error if code == "may_not_write" else invalid_field(field, error.messages[0], code)
