"""Extracting the new text of a reply, from any mail program and language; hostile emails do no harm."""

from contextlib import suppress
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifications.inbound.html_text import text_of_html
from notifications.inbound.known_text import KnownText
from notifications.inbound.parse import read_incoming, unflow
from notifications.inbound.strip_quotes import cut, part
from tests.slow_inputs import MAIL, mail

NAMES = ["reply+", "hello@table.example", "The Long Table"]
ADDRESS = "reply+c1-2-abcdefghijklmnopqrst@table.example"
OURS = "alice replied to you\nA month of saying yes, Monday 23 November, 15:00\n\nYou wrote:\n> Where?\n\nBy the *stove*.\n\nView in thread:\nhttps://table.example/comments/7/\n\n-- \nStop these emails: https://table.example/unsubscribe/eyJ.x/\n"  # fmt: skip
QUOTED = "\n".join(f"> {line}".rstrip() for line in OURS.splitlines())

INTROS = {
    "Gmail": f"On Mon, Nov 23, 2026 at 3:00 PM The Long Table <\n{ADDRESS}> wrote:",
    "Gmail, German": f"Am Mo., 23. Nov. 2026 um 15:00 Uhr schrieb The Long Table <\n{ADDRESS}>:",
    "Gmail, Japanese": f"2026年11月23日(月) 15:00 The Long Table <{ADDRESS}>:",
    "Gmail, Hebrew": f"‫בתאריך יום ב׳, 23 בנוב׳ 2026 ב-15:00 מאת ‪The Long Table‬‏ <‪{ADDRESS}‬‏>:‬".rstrip("‬"),
    "Apple Mail": "On 23 Nov 2026, at 15:00, The Long Table <hello@table.example> wrote:",
    "Apple Mail, French": "Le 23 nov. 2026 à 15:00, The Long Table <hello@table.example> a écrit :",
    "Thunderbird": "Am 23.11.26 um 15:00 schrieb The Long Table:",
    "Thunderbird, Polish": "W dniu 23.11.2026 o 15:00, The Long Table pisze:",
    "Yahoo, Spanish": "El lunes, 23 de noviembre de 2026, 15:00:11 CET, The Long Table <hello@table.example> escribió:",
    "from an address book": "On 23/11/2026 15:00, the kitchen wrote:",
}
FIELDS = {
    "Outlook": "________________________________\nFrom: The Long Table <hello@table.example>\nSent: Monday, November 23, 2026 3:00 PM\nTo: Bob <bob@example.org>\nSubject: alice replied to you",
    "Outlook, German": "Von: The Long Table <hello@table.example>\nGesendet: Montag, 23. November 2026 15:00\nAn: Bob\nBetreff: alice replied to you",
    "Outlook, Swedish": "-----Ursprungligt meddelande-----\nFrån: The Long Table <hello@table.example>\nSkickat: den 23 november 2026 15:00\nTill: Bob\nÄmne: alice",
    "Outlook, bold": f"*From:* The Long Table <{ADDRESS}>\n*Sent:* Monday, November 23, 2026 3:00 PM\n*To:* Bob\n*Subject:* alice replied to you",
    "Yahoo, unquoted": "On Monday, November 23, 2026 at 03:00:11 PM GMT, The Long Table <hello@table.example> wrote:\n",
}
WORDS = "Yes, by the stove.\n\n- a list\n- of two: things\n\n    code\n\nMind: it is 15:00 somewhere."


@pytest.mark.parametrize("intro", INTROS.values(), ids=INTROS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_text_above_a_quoted_email_is_the_reply(intro, newline):
    assert cut(f"{WORDS}\n\n{intro}\n\n{QUOTED}\n".replace("\n", newline), NAMES) == WORDS


@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
def test_text_above_an_unquoted_email_is_the_reply(fields):
    assert cut(f"{WORDS}\n\n{fields}\n\n{OURS}", NAMES) == WORDS


def test_text_below_the_whole_email_is_the_reply():
    assert cut(f"{INTROS['Apple Mail']}\n{QUOTED}\n\n{WORDS}\n", NAMES) == WORDS


@pytest.mark.parametrize("names", [f"The Long Table <{ADDRESS}>", '"The Long Table"'])
def test_text_above_a_groupwise_quotation_is_the_reply(names):
    text = f"{WORDS}\n\n>>> {names} 23.11.2026 15:00 >>>\n{OURS}"
    assert cut(text, NAMES, KnownText([OURS])) == WORDS


def test_a_sentence_that_looks_like_an_attribution_comes_back_to_its_author():
    parted = part("At 17:44 The Long Table wrote to me:\n\nand I was glad.", NAMES, KnownText([OURS]))
    assert (parted.words, parted.left_out) == ("and I was glad.", "At 17:44 The Long Table wrote to me:")


def test_text_between_quoted_pieces_keeps_what_it_answers():
    text = f"{INTROS['Thunderbird']}\n> By the *stove*.\n\nMine too.\n\n> Where?\n\nIn the kitchen.\n\n> -- \n> Stop these emails: https://table.example/unsubscribe/eyJ.x/\n"
    assert cut(text, NAMES) == "> By the *stove*.\n\nMine too.\n\n> Where?\n\nIn the kitchen."


@pytest.mark.parametrize("end", ["-- \nBob Stone\nStove Street 1", "--\nBob", "Sent from my iPhone", "Von meinem iPhone gesendet", "Envoyé de mon téléphone", "Get Outlook for iOS<https://aka.ms/x>", "*Gesendet von Mail für Windows*"])  # fmt: skip
def test_a_signature_is_cut(end):
    assert cut(f"{WORDS}\n\n{end}\n\n{INTROS['Gmail']}\n\n{QUOTED}", NAMES) == WORDS
    assert cut(f"{WORDS}\n\n{end}", NAMES) == WORDS


@pytest.mark.parametrize("text", [
    "I said: at 15:00 it rains.\nAnd it did.", "> somebody else said this\n\nand I agree.", "From: here\nTo: there\nSubject: none of that", "Sent from the heart, and more.\n\nThe end.",
    "One thought.\n\n---\n\nAnother.", "________________________________\n\nmy own rule", "In 2012 she asked:\nwho is told?",
])  # fmt: skip
def test_what_only_looks_like_it_stays(text):
    assert cut(text, NAMES) == text


secrets = st.sampled_from(
    [
        f"https://table.example/unsubscribe/{'x' * 9}/",
        "> Mute: https://table.example/unsubscribe/abc/?change=mute",
    ]
)


@given(
    st.lists(
        st.sampled_from(
            [*OURS.splitlines(), *QUOTED.splitlines(), *INTROS.values(), *FIELDS.values(), "My words.", ""]
        )
        | secrets,
        max_size=40,
    )
)
def test_nobody_publishes_the_signed_addresses_of_a_quoted_mail(lines):
    assert "/unsubscribe/" not in cut("\n".join(lines), NAMES)


def test_lines_that_were_broken_for_the_way_are_whole_again():
    assert unflow("A long line that \ngoes on.\n> quoted \n> more\n-- \nBob\n From the edge", is_joined=False) == "A long line that goes on.\n> quoted \n> more\n-- \nBob\nFrom the edge"  # fmt: skip
    assert unflow("日本 \n語", is_joined=True) == "日本語"


@pytest.mark.parametrize(("html", "words"), [
    ("<p>One &amp; two</p><ul><li>three<li>four</ul><div>five<br>six</div>", "One & two\n\n- three\n- four\n\nfive\nsix"),
    ("<div>Mine</div><div class='gmail_quote'><div>On … wrote:</div><blockquote>yours</blockquote></div>", "Mine"),
    ("<p>Mine</p><blockquote type=cite><div>yours</div></blockquote><p>below</p>", "Mine\n\nbelow"),
    ("<style>p{}</style><script>x</script><p>Mine</p><div id='divRplyFwdMsg'><b>From:</b> The Long Table &lt;hello@table.example&gt;<br><b>Sent:</b> Monday<br><b>To:</b> Bob</div><p>yours</p>", "Mine"),
    ("no markup at all", "no markup at all"), ("<p>never closed <b>bold", "never closed bold"),
])  # fmt: skip
def test_html_becomes_text(html, words):
    assert cut(text_of_html(html), NAMES) == words


def letter(**headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in (
        {"From": "Bob <bob@example.org>", "To": ADDRESS, "Message-ID": "<1@example.org>"} | headers
    ).items():
        message[name.replace("_", "-")] = value
    message.set_content("Words.")
    return message


@pytest.mark.parametrize(("headers", "why"), [
    ({}, ""), ({"Auto_Submitted": "no"}, ""), ({"Auto_Submitted": "auto-replied"}, "Auto-Submitted"), ({"Auto_Submitted": "auto-generated; x=y"}, "Auto-Submitted"),
    ({"Precedence": "bulk"}, "Precedence"), ({"Precedence": "first-class"}, ""), ({"Return_Path": "<>"}, "Return-Path"), ({"Return_Path": "<bob@example.org>"}, ""),
    ({"List_Id": "<a.list>"}, "List-Id"), ({"X_Loop": "reply@table.example"}, "X-Loop"), ({"X_Autoreply": "yes"}, "X-Autoreply"),
    ({"From": "Mail Delivery System <MAILER-DAEMON@example.org>"}, "From"),
])  # fmt: skip
def test_machines_are_known_by_what_they_say(headers, why):
    assert read_incoming(letter(**headers).as_bytes()).automatic == why


def test_attachments_are_seen_and_pictures_of_a_signature_are_not():
    plain, signed, attached = letter(), letter(), letter()
    signed.add_alternative("<p>Words. <img src='cid:logo'></p>", subtype="html")
    signed.get_payload()[1].add_related(b"GIF89a", "image", "gif", cid="<logo>", disposition="inline")
    attached.add_attachment(b"GIF89a", maintype="image", subtype="gif", filename="stove.gif")
    attached.add_attachment("Not my words.", filename="notes.txt")
    found = [read_incoming(message.as_bytes(policy=policy.SMTP)) for message in (plain, signed, attached)]
    assert [(one.text.strip(), one.has_attachments) for one in found] == [
        ("Words.", False),
        ("Words.", False),
        ("Words.", True),
    ]


NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(300))
HOSTILE = {kind: mail(kind, 1_000_000) for kind in MAIL} | {"nested parts": NESTED + b"\nend", "nothing": b""}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_mail_is_read_or_set_aside(raw):
    """tests/bench_slow_inputs.py measures how long it takes."""
    with suppress(RecursionError):  # set aside, like anything that cannot be read
        assert len(cut(read_incoming(raw).text, NAMES)) <= len(raw)


@given(
    st.binary(max_size=300),
    st.sampled_from(
        [
            b"",
            b"Content-Type: text/html\n",
            b"Content-Type: multipart/mixed; boundary=b\n",
            b"Content-Type: text/plain; charset=utf-7; format=flowed\nContent-Transfer-Encoding: base64\n",
        ]
    ),
)
@example(b"From: \xff\xfe<\nTo: =?utf-8?b?////?=\n\n--b\n\xff", b"")
def test_any_bytes_are_decoded_somehow(body, head):
    incoming = read_incoming(head + body)
    assert "\x00" not in incoming.text
    (incoming.text + incoming.subject + incoming.sender + incoming.recipients + incoming.references).encode()
