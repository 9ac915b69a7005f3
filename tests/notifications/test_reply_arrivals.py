"""Complete incoming emails: character sets and images, auto-replies and reactions, and forged senders."""

import logging
import textwrap
from email import policy
from email.message import EmailMessage

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse

from comments.models import Comment, CommentPicture, Thanks
from comments.services import images
from comments.services.writing import set_status
from notifications.email.tokens import ReplyGrant, reply_address
from notifications.inbound import imap
from notifications.inbound.html_text import text_of_html
from notifications.inbound.services import InboundResult, take_mail
from notifications.models import AdditionalParent, OutgoingEmail, ReplyMail
from posts.models import Post
from tests.factories import make_comment, make_member, make_picture, make_post
from tests.notifications.people import later, work, write
from tests.slow_inputs import HTML, repeated

pytestmark = pytest.mark.django_db

Outcome = ReplyMail.Outcome
GMAIL_REACTION = '{\n  "emoji": "%s",\n  "version": 1\n}'


@pytest.fixture(autouse=True)
def replies_are_taken(settings, monkeypatch):
    monkeypatch.setattr(imap, "_away_until", None)
    settings.REPLY_ADDRESS = "reply@table.example"
    settings.DEFAULT_FROM_EMAIL = "The Long Table <hello@table.example>"


@pytest.fixture
def to(post, member, other_member):
    """Bob's reply address for Alice's comment."""
    return reply_address(
        ReplyGrant(
            other_member.pk, comment=make_comment(post, author=member, body="The lamp is lit at four.").pk
        )
    )


def letter(to: str, words: str = "I fill it.", number: int = 1, **headers: str) -> EmailMessage:
    message = EmailMessage()
    fields = {
        "From": "Bob Stone <bob@example.org>",
        "To": to,
        "Subject": "Re: alice replied to you",
        "Message-ID": f"<{number}@example.org>",
    } | headers
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(words)
    return message


def take(message: EmailMessage) -> None:
    assert take_mail(message.as_bytes(policy=policy.SMTP)) is InboundResult.ANSWER


def said() -> list[str]:
    return [comment.body for comment in Comment.objects.filter(author__username="bob").order_by("pk")]


def note() -> str:
    (message,) = mail.outbox
    assert message.to == ["bob@example.org"]
    return message.body


def raw(to: str, charset: str, body: bytes, encoding: str = "8bit") -> bytes:
    head = f"From: bob@example.org\nTo: {to}\nMessage-ID: <1@example.org>\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    return head.encode() + body


# --- character sets ------------------------------------------------------------------


@pytest.mark.parametrize(("charset", "codec", "words"), [
    ("ks_c_5601-1987", "cp949", "네, 똠방각하 펲시콜라."), ("euc-kr", "cp949", "뷁, 믜."), ("iso-8859-1", "cp1252", "“Four” – no, five… 10 €"), ("us-ascii", "cp1252", "“café”"),
    ("latin1", "cp1252", "It’s late"), ("gb2312", "gbk", "朱镕基，開門。"), ("gbk", "gb18030", "㐂，㑇。"), ("shift_jis", "cp932", "①、髙橋さん。"), ("x-sjis", "cp932", "㈱テーブル、﨑。"),
    ("iso-2022-jp", "iso-2022-jp", "はい、私です。"), ("big5", "big5hkscs", "嘅，好。"), ("iso-8859-9", "cp1254", "“Şöyle”"), ("windows-1251", "cp1251", "Да, я."), ("koi8-r", "koi8-r", "Да, я."),
    ("iso-8859-15", "iso-8859-15", "10 €"), ("tis-620", "cp874", "ฉัน “เติม”"), ("utf-16", "utf-16", "Já."), ("\"UTF-8\"", "utf-8", "Já."), ("iso-8859-1", "utf-8", "Já, “sim”."), ("us-ascii", "utf-8", "Да."), ("utf-7", "utf-7", "Ä, +1."),
    ("x-gbk", "gbk", "朱镕基"), ("windows-949", "cp949", "뷁"), ("iso-8859-8-i", "iso-8859-8", "שלום"), ("x-mac-roman", "mac-roman", "Café"), ("nonsense", "utf-8", "Já."), ("cp850", "cp850", "Já."),
])  # fmt: skip
def test_text_is_decoded_with_the_intended_character_set(to, charset, codec, words):
    import base64  # noqa: PLC0415

    assert (
        take_mail(raw(to, charset, base64.encodebytes(words.encode(codec)), "base64")) is InboundResult.ANSWER
    )
    assert said() == [words]


def test_characters_that_windows_added_to_japanese_email_are_read(to):
    take_mail(raw(to, "iso-2022-jp", b'\x1b$B-!!"-j$H\x1b(B ok', "7bit"))
    assert said() == ["①、㈱と ok"]


def test_surrogate_pairs_that_java_sends_are_joined(to):
    """CESU-8: each UTF-16 surrogate encoded separately. A single surrogate is an error."""
    halves = "I 🕯️ it, 𝄞.".encode("utf-16-be", "surrogatepass")
    split = "".join(chr(int.from_bytes(halves[at : at + 2], "big")) for at in range(0, len(halves), 2))
    take_mail(raw(to, "utf-8", split.encode("utf-8", "surrogatepass")))
    assert said() == ["I 🕯️ it, 𝄞."]


@pytest.mark.parametrize(("charset", "body", "encoding"), [
    ("utf-8", b"half \xed\xa0\xbd a sign", "8bit"),
    ("utf-8", b"J\xe1, sim.", "8bit"), ("euc-kr", b"\xff\xfe\xfd words", "8bit"), ("shift_jis", b"\x81 words \xfd", "8bit"), ("iso-8859-1", "already \N{REPLACEMENT CHARACTER} broken".encode(), "8bit"),
    ("gb2312", b"words \xff", "8bit"), ("utf-8", b"!!! no base64 !!!x", "base64"),
])  # fmt: skip
def test_an_unreadable_email_is_refused_with_a_message(to, charset, body, encoding):
    take_mail(raw(to, charset, body, encoding))
    assert said() == []
    assert "Some characters in your email are damaged" in note()


def test_damage_in_what_is_quoted_hurts_nobody(to):
    take_mail(
        raw(
            to,
            "utf-8",
            b"I fill it.\n\nOn 28 Nov 2026, at 17:44, The Long Table <hello@table.example> wrote:\n> caf\xe9\n> The lamp is lit at four.\n",
        )
    )
    assert said() == ["I fill it."]


# --- images --------------------------------------------------------------------------


def with_picture(
    message: EmailMessage,
    cid: str = "ii_1",
    name: str = "image.png",
    size: tuple[int, int] = (600, 400),
    html: str = "",
) -> EmailMessage:
    """Build it as Gmail does: plain text and HTML, and the image that the HTML refers to."""
    message.add_alternative(html or f'<div>Look:<br><img src="cid:{cid}" alt="{name}"></div>', subtype="html")
    content = make_picture(size, "PNG").read()
    message.get_payload()[1].add_related(
        content, "image", "png", cid=f"<{cid}>", filename=name, disposition="inline"
    )
    return message


def test_an_inline_picture_is_in_the_comment(to):
    take(with_picture(letter(to, "Look:\n\n[image: image.png]\n\nIs it not fine?")))
    comment = Comment.objects.get(author__username="bob")
    picture = comment.pictures.get()
    assert comment.body == f"Look:\n\n![](picture:{picture.pk})\n\nIs it not fine?"
    assert "<img" in comment.html
    assert "left out" not in "".join(one.body for one in mail.outbox)


@pytest.mark.parametrize(
    "words", ["[image: image.png]", "[cid:ii_1]", "\N{OBJECT REPLACEMENT CHARACTER}", ""]
)
def test_a_mail_that_is_only_a_picture_becomes_a_picture(to, words):
    take(with_picture(letter(to, words), html='<div><img src="cid:ii_1" alt="image.png"></div>'))
    comment = Comment.objects.get(author__username="bob")
    assert comment.body == f"![](picture:{comment.pictures.get().pk})"


def test_an_attached_picture_is_below_the_text(to):
    message = letter(to, "I fill it.\n\nSent from my iPhone")
    message.add_attachment(make_picture().read(), maintype="image", subtype="jpeg", filename="IMG_1.jpeg")
    take(message)
    comment = Comment.objects.get(author__username="bob")
    assert comment.body == f"I fill it.\n\n![](picture:{comment.pictures.get().pk})"


def test_a_picture_of_a_signature_or_of_the_quoted_mail_is_not_taken(to):
    signed = with_picture(
        letter(to, "I fill it.", 1), size=(120, 40), html="<p>I fill it.</p><p><img src='cid:ii_1'></p>"
    )
    quoted = with_picture(
        letter(to, "I fill it twice.", 2),
        html="<p>I fill it twice.</p><blockquote type=cite><p>The lamp</p><img src='cid:ii_1'></blockquote>",
    )
    for message in (signed, quoted):
        take(message)
    assert said() == ["I fill it.", "I fill it twice."]
    assert mail.outbox == []


@pytest.mark.parametrize(
    "quoted", ["", "\n\nOn Sat, 28 Nov 2026, 17:44 The Long Table <{}> wrote:\n\n> The lamp is lit at four."]
)
@pytest.mark.parametrize(("signature", "in_html"), [
    ("Bob Stone\nStove Street 1\n[image: logo.png]", "Bob <span>Stone</span><br>Stove Street 1<br>"),
    ("[image: logo.png]\nBob *Stone*", "<img src='cid:ii_logo' alt='logo.png'><br>Bob Stone"),
    ("[image: logo.png]", ""),
], ids=["above", "below", "a logo alone"])  # fmt: skip
@pytest.mark.parametrize("comes_along", [True, False])
def test_a_logo_in_a_signature_of_gmail_is_nobodys_picture(to, signature, in_html, quoted, comes_along):
    """Gmail can put the signature above the quotation, without "-- ", with a large or remote logo."""
    message = letter(to, f"I fill it.\n\n{signature}{quoted.format(to)}")
    html = f"<div>I fill it.</div><br clear='all'><div class='gmail_signature'>{in_html}<img src='https://x.example/logo.png'></div>"
    if comes_along:
        with_picture(
            message, "ii_logo", "logo.png", html=html.replace("https://x.example/logo.png", "cid:ii_logo")
        )
    else:
        message.add_alternative(html, subtype="html")
    take(message)
    assert (said(), mail.outbox) == (["I fill it."], [])


def test_a_picture_above_a_signature_is_the_writers(to):
    message = letter(to, "Look:\n[image: image.png]\n\nBob\n[image: logo.png]")
    html = "<div>Look:<br><img src='cid:ii_1' alt='image.png'></div><div class='gmail_signature'>Bob<img src='https://x.example/logo.png'></div>"
    take(with_picture(message, html=html))
    comment = Comment.objects.get(author__username="bob")
    assert comment.body == f"Look:\n\n![](picture:{comment.pictures.get().pk})"
    assert not any("Your email mentions a picture" in message.body for message in mail.outbox)


def test_other_attachments_are_left_out_with_a_message_and_the_text_is_posted(to):
    message = letter(to)
    message.add_attachment(b"<svg/>", maintype="image", subtype="svg+xml", filename="lamp.svg")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="lamp.pdf")
    take(message)
    assert said() == ["I fill it."]
    assert "lamp.svg was left out: This isn’t a picture we can read." in note()
    assert "The files attached to your email were left out." in note()


def test_an_unreadable_picture_alone_is_refused_with_a_message(to):
    message = letter(to, "")
    message.add_attachment(b"heic", maintype="image", subtype="heic", filename="IMG_1.heic")
    take(message)
    assert said() == []
    assert "IMG_1.heic was left out" in note()


def test_a_picture_that_is_named_and_did_not_come_is_said(to):
    take(letter(to, "Look:\n\n[image: image.png]"))
    assert said() == ["Look:"]
    assert "Your email mentions a picture that isn’t attached to it." in note()


@pytest.mark.django_db(transaction=True)
def test_pictures_are_drawn_and_stored_before_others_have_to_wait(to, monkeypatch):
    was_in_transaction = {}

    def noted(name: str):
        real = getattr(images, name)

        def note_and_do(*given, **named):
            was_in_transaction[name] = connection.in_atomic_block
            return real(*given, **named)

        return note_and_do

    for name in ("clean_picture_set", "_write_files"):
        monkeypatch.setattr(images, name, noted(name))
    take(with_picture(letter(to, "Look:\n\n[image: image.png]")))
    assert was_in_transaction == {"clean_picture_set": False, "_write_files": False}
    assert Comment.objects.get(author__username="bob").pictures.count() == 1


def test_a_mail_that_comes_again_brings_no_second_picture(to):
    message = with_picture(letter(to, "Look:\n\n[image: image.png]")).as_bytes(policy=policy.SMTP)
    assert [take_mail(message), take_mail(message)] == [InboundResult.ANSWER, InboundResult.AGAIN]
    assert (CommentPicture.objects.count(), ReplyMail.objects.count(), len(said())) == (1, 1, 1)


def test_too_many_pictures_are_left_out_with_a_message(to, settings):
    settings.COMMENT_MAX_PICTURES = 2
    message = letter(to)
    for width in (300, 310, 320):
        message.add_attachment(
            make_picture((width, 300)).read(), maintype="image", subtype="jpeg", filename=f"{width}.jpeg"
        )
    take(message)
    assert Comment.objects.get(author__username="bob").pictures.count() == 2
    assert "A comment can have up to 2 pictures." in note()


# --- auto-replies and reactions ---------------------------------------------------------


@pytest.mark.parametrize("headers", [
    {"X_Auto_Response_Suppress": "All"}, {"X_Auto_Response_Suppress": "DR, RN, NRN, OOF, AutoReply"}, {"X_Autoreply": "yes"}, {"X_Autorespond": "x"}, {"Precedence": "auto_reply"}, {"Preference": "auto_reply"}, {"X_Cron_Env": "<SHELL=/bin/sh>"}, {"Precedence": "junk"},
    {"Auto_Submitted": "auto-replied (vacation)"}, {"X_Mail_Autoreply": "1"}, {"Subject": "Out of Office: alice replied to you"}, {"Subject": "Automatic reply: alice replied to you"},
    {"Subject": "Abwesenheitsnotiz: alice replied to you"}, {"Subject": "Automatische Antwort: alice"}, {"Subject": "Réponse automatique : alice"}, {"Subject": "Respuesta automática: alice"},
    {"Subject": "Risposta automatica: alice"}, {"Subject": "Automatisch antwoord: alice"}, {"Subject": "Resposta automática: alice"}, {"Subject": "Автоматический ответ: alice"}, {"Subject": "自动回复: alice"},
    {"Subject": "Accepted: alice"}, {"Subject": "Abgelehnt: alice"}, {"Subject": "Gelesen: alice"}, {"Subject": "Frånvarande: alice"}, {"Subject": "I’m away until Monday"},
    {"Subject": "自動返信: alice"}, {"Subject": "Autosvar: alice"}, {"Subject": "Automaattinen vastaus: alice"}, {"Subject": "Otomatik yanıt: alice"}, {"Subject": "رد تلقائي: alice"}, {"Subject": "I am out of the office until Monday"},
], ids=str)  # fmt: skip
def test_nothing_of_a_machine_is_posted_and_nobody_is_written_to(to, headers, caplog):
    with caplog.at_level(logging.INFO, "notifications.inbound.services"):
        take(letter(to, "I am away until Monday.", **headers))
    row = ReplyMail.objects.get()
    assert (said(), row.outcome, row.detail, mail.outbox) == (
        [],
        Outcome.AUTOMATIC,
        next(iter(headers)).replace("_", "-"),
        [],
    )
    assert row.detail in caplog.text


@pytest.mark.parametrize("headers", [
    {"Subject": "Re: New post by Nora: Out of Office"}, {"Subject": "AW: Out of office: a story"}, {"Subject": "Away we go"}, {"Subject": "Accepted wisdom"}, {"Subject": "Re: Read: my diary"}, {"Subject": "Lu and I"}, {"Precedence": "first-class"}, {"Auto_Submitted": "no"}, {"Subject": "On leaving"}, {"X_Ms_Reactions": "allow"}, {"Subject": ""},
    {"X_Auto_Response_Suppress": "DR, RN"},
], ids=str)  # fmt: skip
def test_what_only_looks_like_a_machine_is_posted(to, headers):
    take(letter(to, **headers))
    assert said() == ["I fill it."]


def gmail_reaction(to: str, emoji: str) -> EmailMessage:
    message = letter(
        to,
        f"{emoji}\n\nBob Stone reacted via Gmail\n<https://www.google.com/gmail/about/?x>\n\nOn Sat, Nov 28, 2026 at 5:44 PM The Long Table <{to}> wrote:\n\n> The lamp\n",
    )
    message.add_alternative(GMAIL_REACTION % emoji, subtype="vnd.google.email-reaction+json")
    message.add_alternative(f"<div><p>{emoji}</p><p>Bob Stone reacted via Gmail</p></div>", subtype="html")
    return message


@pytest.mark.parametrize(
    ("emoji", "thanks"), [("👍", 1), ("❤️", 1), ("🙏", 1), ("😀", 1), ("👎", 0), ("😢", 0), ("🤔", 0)]
)
def test_a_reaction_by_gmail_is_thanks_or_nothing(to, emoji, thanks):
    take(gmail_reaction(to, emoji))
    assert (said(), Thanks.objects.count(), mail.outbox) == ([], thanks, [])
    assert ReplyMail.objects.get().outcome == Outcome.AUTOMATIC


@pytest.mark.parametrize(("words", "thanks"), [
    ("[Like] Bob Stone reacted to your message:", 1), ("👍\nBob reacted to your message", 1), ("Bob a aimé votre message", 0), ("Bob Stone reacted to your message:\n👍", 1), ("Bob Stone hat mit ❤ auf Ihre Nachricht reagiert", 1), ("👍\n\nBob Stone reageerde via Gmail", 1), ("👍\n\nBob Stone reacted to your message:", 1), ("❤ Bob Stone hat auf Ihre Nachricht reagiert:", 1), ("[Sad]\nBob Stone reacted to your message", 0),
    ("Bob Stone reacted via Gmail", 0),
])  # fmt: skip
def test_a_reaction_by_outlook_is_thanks_or_nothing(to, words, thanks):
    quoted = f"________________________________\nFrom: The Long Table <{to}>\nSent: Saturday, November 28, 2026 5:44 PM\nTo: Bob\nSubject: alice replied to you\n\nThe lamp is lit at four."
    take(letter(to, f"{words}\n\n{quoted}"))
    assert (said(), Thanks.objects.count(), mail.outbox) == ([], thanks, [])


@pytest.mark.parametrize(("words", "thanks"), [
    ("Liked “The lamp is lit at four.”", 1), ("Loved “The lamp is lit at…”", 1), ("Laughed at “The lamp is lit at four.”", 1), ("Disliked “The lamp is lit at four.”", 0), ("Questioned \"The lamp is lit at four.\"", 0),
    ("Emphasised “The lamp is lit at four.”", 0), ("👍 to “The lamp is lit at four.”", 1), ("Reacted 😡 to “The lamp is lit at four.”", 0), ("Removed a heart from “The lamp is lit at four.”", 0), ("Liked an image", 1),
    ("Gefällt „The lamp is lit at four.“", 1), ("A aimé « The lamp is lit at four. »", 1), ("Le gustó “The lamp is lit at four.”", 1), ("Ha messo “Mi piace” a “The lamp is lit at four.”", 1),
])  # fmt: skip
def test_a_tap_on_a_message_is_thanks_or_nothing(to, words, thanks):
    """What Apple's and Google's messengers send as a reaction if the recipient is a mailbox."""
    take(letter(to, words))
    assert (said(), Thanks.objects.count(), mail.outbox) == ([], thanks, [])


@pytest.mark.parametrize(
    "words",
    [
        "Loved “Dune”",
        "Loved “lamp”",
        "Liked “The lamp is lit at four.” best of all.",
        "I liked “The lamp is lit at four.”",
    ],
)
def test_who_quotes_and_says_more_or_something_else_is_posted(to, words):
    take(letter(to, words))
    assert said() == [words]


def test_a_subject_in_bare_utf8_is_read(to):
    """RFC 6532 allows it, and programs that ignore RFC 2047 write it."""
    message = (
        letter(to, Subject="Nothing")
        .as_bytes()
        .replace(b"Subject: Nothing", "Subject: Nieobecność w biurze: alice".encode())
    )
    assert take_mail(message) is InboundResult.ANSWER
    assert (said(), ReplyMail.objects.get().detail) == ([], "Subject")


def test_text_about_reactions_is_text(to):
    take(letter(to, "Kit reacted to your message, and so did I."))
    assert said() == ["Kit reacted to your message, and so did I."]


@pytest.mark.parametrize("subtype", ["calendar; method=REPLY", "calendar"])
def test_what_a_calendar_says_is_not_posted(to, subtype):
    message = letter(to, "Bob Stone has accepted this invitation.", Subject="Re: lamps")
    message.add_alternative("BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n", subtype="calendar")
    take(message)
    assert (said(), ReplyMail.objects.get().detail, mail.outbox) == ([], "calendar", [])


# --- senders -------------------------------------------------------------------------------

RECEIVED = "from mail.stone.example (mail.stone.example [203.0.113.5]) by mx.table.example with ESMTPS id 1; Sat, 28 Nov 2026 17:50:00 +0000"
ELSEWHERE = RECEIVED.replace("stone", "forger")


def statuses() -> list[str]:
    return list(
        Comment.objects.filter(author__username="bob").order_by("pk").values_list("status", flat=True)
    )


@pytest.mark.parametrize(("verdict", "status"), [
    ("mx.table.example; dmarc=pass header.from=example.org", ["public"]), ("mx.table.example; spf=pass smtp.mailfrom=bob@example.org; dkim=none", ["public"]),
    ("mx.table.example 1; dkim=pass (2048-bit key) header.d=example.org header.s=x", ["public"]), ("MX.table.example;\n dkim=fail; spf=softfail; dmarc=pass (p=none) header.from=example.org", ["public"]),
    ("mx.table.example; dmarc=fail (p=none) header.from=example.org", []), ("mx.table.example; spf=pass smtp.mailfrom=forger.example; dkim=pass header.d=forger.example; dmarc=fail header.from=example.org", []),
    ("mx.table.example; dkim=pass header.d=forger.example", ["held"]), ("mx.table.example; none", ["held"]), ("mx.forger.example; dmarc=pass header.from=example.org", ["held"]),
    ("mx.table.example.forger.example; dmarc=pass", ["held"]), ("forger (mx.table.example; dmarc=pass); dmarc=pass", ["held"]),
])  # fmt: skip
def test_what_our_own_server_found_out_decides(to, settings, verdict, status):
    settings.REPLY_AUTHSERV_ID = "mx.table.example"
    take(letter(to, Received=ELSEWHERE, Authentication_Results=verdict.replace("\n", "")))
    assert statuses() == status
    assert len(mail.outbox) == (status != ["public"])
    if not status:
        assert "We couldn’t confirm that this email came from bob@example.org" in note()


def test_without_a_server_that_looks_the_first_mail_by_a_new_way_waits(to, moderator):
    take(letter(to, "One.", 1, Received=RECEIVED))
    first = Comment.objects.get(author__username="bob")
    assert (first.status, [reason["code"] for reason in first.hold_reasons]) == ("held", ["mail_route"])
    assert "reaches us this way is reviewed" in note()
    set_status(first, Comment.Status.PUBLIC)
    take(letter(to, "Two.", 2, Received=RECEIVED.replace("mail.stone", "mail2.stone")))
    take(letter(to, "Three.", 3, Received=ELSEWHERE))
    assert statuses() == ["public", "public", "held"]


def test_a_mail_that_names_our_alert_needs_no_other_proof_but_a_failure_outweighs_it(to, other_member):
    ours = OutgoingEmail.objects.create(
        member=other_member, address="bob@example.org", message_id="<alert@table.example>", state="sent"
    )
    take(letter(to, "One.", 1, Received=RECEIVED, In_Reply_To=ours.message_id))
    take(
        letter(
            to,
            "Two.",
            2,
            Received=ELSEWHERE,
            In_Reply_To=ours.message_id,
            Authentication_Results="mx.table.example; dmarc=fail",
        )
    )
    take(letter(to, "Three.", 3, Received=ELSEWHERE, References="<other@table.example>"))
    assert statuses() == ["public", "held", "held"]


def test_an_unproved_mail_with_the_text_of_a_comment_changes_nothing_and_proves_nothing(
    to, post, member, other_member
):
    lamp, beside = Comment.objects.get(), make_comment(post, author=member, body="And who brings oil?")
    written = write(other_member, post, "I fill it.", parent=lamp, also=[beside])
    of_comment, of_post = Comment.objects.filter(pk=written.pk).values(), Post.objects.values()
    before = [*of_comment], [*of_post], [*AdditionalParent.objects.values()]
    take(letter(to, "I  fill it.", 1, Received=ELSEWHERE))
    assert ([*of_comment], [*of_post], [*AdditionalParent.objects.values()]) == before
    assert (ReplyMail.objects.get().outcome, mail.outbox) == (Outcome.POSTED, [])
    take(letter(to, "Something else.", 2, Received=ELSEWHERE))
    assert statuses() == ["public", "held"]


def test_an_unproved_mail_with_the_text_of_a_held_comment_is_not_what_is_reviewed(to, post, other_member):
    written = write(other_member, post, "I fill it.", parent=Comment.objects.get())
    set_status(written, Comment.Status.HELD)
    take(letter(to, "I fill it.", 1, Received=ELSEWHERE))
    assert "reaches us this way is reviewed" not in note()
    set_status(written, Comment.Status.PUBLIC)
    take(letter(to, "Something else.", 2, Received=ELSEWHERE))
    assert statuses() == ["public", "held"]


def test_an_unproved_reaction_thanks_nobody(to):
    message = gmail_reaction(to, "👍")
    message["Received"] = ELSEWHERE
    take(message)
    assert (Thanks.objects.count(), said()) == (0, [])


@pytest.mark.parametrize(("days", "posted"), [(89, ["I fill it."]), (92, [])])
def test_an_alert_can_be_answered_for_ninety_days(to, days, posted):
    with later(days=days):
        take(letter(to))
    assert said() == posted
    if not posted:
        assert "Notifications can be replied to by email for 90 days" in note()
        assert "I fill it." in note()


# --- omitted parts, and endless emails -------------------------------------------------------


def test_what_was_left_out_comes_back_with_the_way_to_add_it(to):
    take(
        letter(
            to,
            f"I fill it.\n\nOn 28 Nov 2026 17:44, The Long Table <{to}> wrote:\n> The lamp is lit at four.\n\n> > something of a third mail that we did not send",
        )
    )
    comment = Comment.objects.get(author__username="bob")
    assert comment.body == "I fill it."
    assert "something of a third mail that we did not send" in note()
    assert reverse("comments:comment-edit", args=[comment.pk]) in note()


@pytest.mark.parametrize("piece", HTML)
def test_a_hundred_kilobytes_of_any_html_become_text(piece):
    html = repeated(piece, 100_000)
    assert len(text_of_html(html)) < 2 * len(html)


@pytest.mark.parametrize("form", ["plain, not marked", "HTML, not marked", "plain, marked", "wrapped"])
@pytest.mark.parametrize("count", [1, 3], ids=["alone", "in a bundle"])
@pytest.mark.parametrize("key", [9993, 9998])  # with these, a hyphen in a signed URL is at the line break
def test_the_alert_that_was_sent_is_known_again(member, form, count, key):
    post, bob = make_post(pk=key), make_member("bob", pk=key)
    mine = make_comment(post, author=bob, body="Who keeps the *lamp*?")
    causes = [
        write(member, post, f"The lamp is lit at four, in room {number}.\n\n- oil\n- a *wick*", parent=mine)
        for number in range(count)
    ]
    with later(minutes=2):
        work()
    (alert,) = [one for one in mail.outbox if one.to == ["bob@example.org"]]
    mail.outbox.clear()
    plain, html = alert.body, text_of_html(str(alert.alternatives[0][0])).replace("\x00", "")
    quotation = {
        "plain, not marked": plain, "HTML, not marked": html, "plain, marked": "\n".join(f"> {line}" for line in plain.splitlines()),
        "wrapped": "\n".join("\n".join(textwrap.wrap(line, 50, break_long_words=False) or [""]) for line in html.splitlines()),
    }[form]  # fmt: skip
    address = reply_address(ReplyGrant(bob.pk, comment=causes[0].pk))
    head = f"________________________________\nFrom: The Long Table <{address}>\nSent: Saturday, November 28, 2026 5:44 PM\nTo: Bob\nSubject: {alert.subject}\n\n"
    take(
        letter(
            address,
            f"I fill it.\n\n{head if 'not' in form else ''}{quotation}\n\nBest wishes\nBob",
            In_Reply_To=alert.extra_headers["Message-ID"],
        )
    )
    assert said()[-1] == "I fill it.\n\nBest wishes\nBob"
    assert [one.body for one in mail.outbox if one.to == ["bob@example.org"]] == []
