"""Memorial, past event and invited guests of the demo community."""

import random
import wave
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.html import format_html

from accounts.models import User
from comments.services.reactions import thank_for_post
from comments.services.writing import publish_comment
from community.demo.pictures import draw_portrait
from core.utils.slugs import make_slug
from decisions.models import Decision, Guest
from decisions.services.positions import take_position_as_guest
from events.models import Answer, Event, Occurrence
from events.services.reports import begin_report
from memorials.models import Memorial
from memorials.services.editing import Text, add_picture, add_recording, edit_memorial
from memorials.services.keeping import Proposal, confirm, propose
from memorials.services.memories import choose_for_family, name_custodian
from posts.editor.uploads import add_upload, html_of
from posts.models import Post

People = dict[str, User]


def make_memorial(remembered: User, people: People, content: Any) -> Memorial:
    """An invented memorial: letter, picture, recording, candles and memories."""
    host, keeper = people[content.HOST], people[content.SECOND_KEEPER]
    name_custodian(remembered, people[content.REMEMBERED_CUSTODIAN])
    memorial = propose(Proposal(remembered, keeper, content.REMEMBERED_DATES), by=host)
    memorial = confirm(memorial, by=keeper)
    letter, recording = content.REMEMBERED_LETTER, content.REMEMBERED_RECORDING
    text = Text(memorial.post.title, memorial.dates, letter, "", recording, "public")
    edit_memorial(memorial, text, by=keeper)
    motif, alt = content.REMEMBERED_PICTURE
    add_picture(memorial, _drawn(motif), alt, by=keeper)
    add_recording(memorial, _rain(), by=keeper)
    post = Post.objects.get(pk=memorial.pk)
    for username in content.CANDLES:
        thank_for_post(post, by=people[username])
    for username, words, is_allowed in content.MEMORIES:
        memory = publish_comment(post=post, author=people[username], body=words)
        choose_for_family(memory, is_allowed=is_allowed)
    return memorial


def make_report(people: People, content: Any, language: str) -> None:
    """The report on a past event, with who came and a picture."""
    title, came, motif, alt, summary, words = content.REPORT
    event = Event.objects.get(post__title=title)
    over = event.occurrences.get()
    answers = [Answer(occurrence=over, member=people[username], says=Answer.Says.YES) for username in came]
    Answer.objects.bulk_create(answers)
    Occurrence.objects.filter(pk=over.pk).update(taken=len(answers))
    host = people[content.HOST]
    report = begin_report(event, host)
    if report is None:
        return
    picture = html_of(add_upload(_drawn(motif), by=host, alt=alt))
    report.summary, report.body = summary, format_html("<p>{}</p>{}", words, picture) + report.body
    report.language = language
    report.published_at = min(over.ends_at + timedelta(hours=14), timezone.now())
    report.save()


def invite_guests(decision: Decision, host: User, content: Any) -> None:
    """Without the email of an invitation: the addresses don't exist."""
    for name, stance, reason in content.INVITED:
        email = f"{make_slug(name)}@{settings.DEMO_MAIL_DOMAIN}"
        guest = Guest.objects.create(decision=decision, email=email, name=name, invited_by=host)
        if stance:
            take_position_as_guest(guest, stance=stance, reason=reason)


def _drawn(motif: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{motif}.webp", draw_portrait(motif).read())


def _rain(seconds: int = 3, rate: int = 8000) -> SimpleUploadedFile:
    """A noise with a soft beginning and end."""
    drops, count = random.Random(22), seconds * rate  # noqa: S311 - the same rain each time
    loud = (min(1.0, number / rate, (count - number) / rate) for number in range(count))
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        file.writeframes(bytes(128 + int(drops.uniform(-30, 30) * each) for each in loud))
    return SimpleUploadedFile("rain.wav", out.getvalue(), content_type="audio/wav")
