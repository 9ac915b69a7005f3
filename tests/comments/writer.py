"""A process that writes comments until it is told to stop or killed: `python -m tests.comments.writer DATABASE AUTHOR COUNT`.

It prints the key of each comment after it was acknowledged, that is when publish_comment came back.
"""

import os
import random
import sys

import django


def main(database: str, author: int, count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()

    from django.conf import settings  # noqa: PLC0415 - after the set-up
    from django.core.exceptions import ValidationError  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from comments.models import Comment  # noqa: PLC0415
    from comments.services import publish_comment  # noqa: PLC0415
    from posts.models import Post  # noqa: PLC0415

    connection.settings_dict["NAME"] = database
    settings.COMMENT_RATES = {"member": [], "host": []}
    chance = random.Random(author)  # noqa: S311 - a repeatable mix, no secret
    user = User.objects.get(pk=author)
    posts = list(Post.objects.all())
    for number in range(count):
        post = chance.choice(posts)
        parent = chance.choice([None, *Comment.objects.for_post(post).public()[:50]])
        try:
            comment = publish_comment(post=post, author=user, body=f"Writer {author}, comment {number}.", parent=parent)
        except ValidationError:
            continue  # what it answers was taken back meanwhile
        sys.stdout.write(f"{comment.pk}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
