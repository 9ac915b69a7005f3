"""`python -m tests.bench_book`: the worker's memory use for the book of a memorial with a thousand memories.

Without a recording, with the largest that is included in the book, and with one of 50 MiB, which is only
mentioned. In this process, on SQLite; the peak that Python allocated for it.
"""

import os
import sys
import tempfile
import tracemalloc

MIB = 1024 * 1024
WORDS = "She was the first to put the kettle on and the last to leave. " * 8


def main() -> None:
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import override_settings  # noqa: PLC0415

    from comments.models import Comment  # noqa: PLC0415
    from memorials.models import Book, FamilyChoice  # noqa: PLC0415
    from memorials.services import book  # noqa: PLC0415
    from memorials.services.editing import add_recording  # noqa: PLC0415
    from tests.factories import make_member, switch_on  # noqa: PLC0415
    from tests.memorials.people import a_memorial, a_recording, a_thousand_memories  # noqa: PLC0415

    tasks = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": []}}
    override_settings(TASKS=tasks).enable()
    call_command("migrate", verbosity=0)
    switch_on("memorials")
    memorial = a_memorial()
    memories = a_thousand_memories(memorial, make_member())
    Comment.objects.filter(post=memorial.post).update(body=WORDS, html=f"<p>{WORDS}</p>")
    FamilyChoice.objects.bulk_create(FamilyChoice(comment=one, is_allowed=True) for one in memories)
    for megabytes in (0, 25, 50):
        if megabytes:
            content = b"ID3\x04" + bytes(megabytes * MIB - 4)
            memorial = add_recording(memorial, a_recording(content=content), by=memorial.keeper)
            del content
        made = book.request_book(memorial, by=memorial.host)
        tracemalloc.start()
        assert book.write_book(memorial.pk, memorial.host_id)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        size = Book.objects.get(pk=made.pk).size
        sys.stdout.write(
            f"{len(memories)} memories, a recording of {megabytes} MiB: a book of {size / MIB:.1f} MiB, at most {peak / MIB:.1f} MiB\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    with tempfile.TemporaryDirectory(prefix="long-table-bench-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        os.environ.setdefault("MEDIA_ROOT", f"{folder}/media")
        main()
