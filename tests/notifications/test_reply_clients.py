"""Replies as mail programs format them, in many languages: the author's text is kept, our email's is not.

All were written for these tests, after the programs' formats; our email is known, as it is when a reply
arrives.
"""

import textwrap

import pytest

from notifications.inbound.html_text import text_of_html
from notifications.inbound.known_text import KnownText
from notifications.inbound.strip_quotes import StrippedReply, cut, part

NAMES = ["reply+", "reply@table.example", "hello@table.example", "The Long Table"]
US = "reply+c1-2-f3-abcdefghijklmnopqrst@table.example"
BODY = "The lamp is lit at four, and nobody has yet said who fills it with oil. I would, if I knew where the can is.\n\nCome and see for yourselves."
ALERT = f"""Ada replied to you
A month of saying yes to strangers, Saturday 28 November, 17:44

You wrote:
> Who keeps the lamp?

{BODY}

Read and reply on the site:
https://table.example/comments/917/
Or reply to this email to post a comment.

--\x20
You get this email because of your notification settings. Without a password:
Mute this post: https://table.example/unsubscribe/eyJhIjoxfQ.x/?change=mute
Send one email a day instead: https://table.example/unsubscribe/eyJhIjoxfQ.x/?change=daily
Stop these emails: https://table.example/unsubscribe/eyJhIjoxfQ.x/
"""
FROM_HTML = f"""The Long Table <https://table.example>

Ada replied to you
================

A month of saying yes to strangers <https://table.example/comments/917/>, Saturday 28 November, 17:44

You wrote: “Who keeps the lamp?”

{BODY}

Read and reply on the site <https://table.example/comments/917/>

Or reply to this email to post a comment.

You get this email because of your notification settings. Mute this post <https://table.example/unsubscribe/eyJhIjoxfQ.x/?change=mute>, get one email a day instead <https://table.example/unsubscribe/eyJhIjoxfQ.x/?change=daily>, or stop these emails <https://table.example/unsubscribe/eyJhIjoxfQ.x/>. No password needed. All choices <https://table.example/notifications/settings/>
"""
OURS = KnownText([ALERT, FROM_HTML.replace("================\n", "")], body=BODY + "\nWho keeps the lamp?")


def quoted(text: str, width: int = 0, mark: str = "> ") -> str:
    lines = text.rstrip("\n").split("\n")
    if width:
        lines = [
            piece for line in lines for piece in (textwrap.wrap(line, width, break_long_words=False) or [""])
        ]
    return "\n".join((mark + line).rstrip() for line in lines)


ALL_QUOTED = {
    "plain": quoted(ALERT),
    "wrapped": quoted(ALERT, 60),
    "of the HTML": quoted(FROM_HTML),
    "of the HTML, wrapped": quoted(FROM_HTML, 72),
    "without blanks": quoted(ALERT, mark=">"),
    "not marked": ALERT,
    "not marked, of the HTML, wrapped": "\n".join(
        textwrap.fill(line, 70, break_long_words=False) for line in FROM_HTML.split("\n")
    ),
}
MINE = "I fill it, each evening.\n\nThe can stands below the stairs: on the left."
INTROS = {
    "Gmail en": f"On Sat, Nov 28, 2026 at 5:44 PM The Long Table <{US}> wrote:",
    "Gmail en, broken inside the address": f"On Sat, Nov 28, 2026 at 5:44 PM The Long Table <\n{US}> wrote:",
    "Gmail en, broken before wrote": f"On Sat, 28 Nov 2026, 17:44 The Long Table, <{US}>\nwrote:",
    "Gmail de": f"Am Sa., 28. Nov. 2026 um 17:44 Uhr schrieb The Long Table <{US}>:",
    "Gmail de, new": f"The Long Table <{US}> schrieb am Sa., 28. Nov. 2026 um\n17:44 Uhr:",
    "Gmail de, new, three lines": f"The Long Table <\n{US}> schrieb am Sa., 28. Nov.\n2026 um 17:44 Uhr:",
    "Gmail fr": f"Le sam. 28 nov. 2026 à 17:44, The Long Table <{US}> a\nécrit :",
    "Gmail es": f"El sáb, 28 nov 2026 a las 17:44, The Long Table (<{US}>)\nescribió:",
    "Gmail it": f"Il giorno sab 28 nov 2026 alle ore 17:44 The Long Table <\n{US}> ha scritto:",
    "Gmail nl": f"Op za 28 nov 2026 om 17:44 schreef The Long Table <{US}>:",
    "Gmail pt": f"Em sáb., 28 de nov. de 2026 às 17:44, The Long Table <\n{US}> escreveu:",
    "Gmail ru": f"сб, 28 нояб. 2026 г. в 17:44, The Long Table <{US}>:",
    "Gmail pl": f"sob., 28 lis 2026 o 17:44 The Long Table <{US}>\nnapisał(a):",
    "Gmail sv": f"Den lör 28 nov. 2026 kl 17:44 skrev The Long Table <{US}>:",
    "Gmail da": f"Den lør. 28. nov. 2026 kl. 17.44 skrev The Long Table <\n{US}>:",
    "Gmail fi": f"la 28. marrask. 2026 klo 17.44 The Long Table (\n{US}) kirjoitti:",
    "Gmail tr": f"The Long Table <{US}>, 28 Kas 2026 Cmt, 17:44 tarihinde\nşunu yazdı:",
    "Gmail zh": f"The Long Table <{US}> 于2026年11月28日周六 17:44写道：",
    "Gmail zh-TW": f"The Long Table <{US}> 於 2026年11月28日 週六 下午5:44寫道：",
    "Gmail ja": f"2026年11月28日(土) 17:44 The Long Table <{US}>:",
    "Gmail ko": f"2026년 11월 28일 (토) 오후 5:44, The Long Table <{US}>님이 작성:",
    "Gmail ar": f"في السبت، ٢٨ نوفمبر ٢٠٢٦ في ٥:٤٤ م تمت كتابة ما يلي بواسطة The Long Table\n<{US}>:",
    "Gmail uk": f"сб, 28 лист. 2026 р. о 17:44 The Long Table <{US}> пише:",
    "Gmail cs": f"so 28. 11. 2026 v 17:44 odesílatel The Long Table <{US}>\nnapsal:",
    "Apple Mail en": "> On 28 Nov 2026, at 17:44, The Long Table <hello@table.example> wrote:\n>",
    "Apple Mail de": "Am 28.11.2026 um 17:44 schrieb The Long Table <hello@table.example>:",
    "Apple Mail ja": f"2026/11/28 17:44、The Long Table <{US}>のメール:",
    "Apple Mail zh": "2026年11月28日 17:44，The Long Table <hello@table.example> 写道：",
    "iOS en": "On 28 Nov 2026, at 17:44, The Long Table <hello@table.example> wrote:\n\n\ufeff",
    "Thunderbird en": "On 11/28/26 17:44, The Long Table wrote:",
    "Thunderbird nl": "Op 28-11-2026 om 17:44 schreef The Long Table:",
    "Thunderbird fr": "Le 28/11/2026 à 17:44, The Long Table a écrit :",
    "Thunderbird, no date": f"The Long Table <{US}> schrieb:",
    "K-9 de": f"Am 28. November 2026 17:44:16 MEZ schrieb The Long Table <{US}>:",
    "Yahoo en": f"    On Saturday, November 28, 2026 at 05:44:16 PM GMT, The Long Table <{US}> wrote:  ",
    "Zoho": f"---- On Sat, 28 Nov 2026 17:44:16 +0000 The Long Table <{US}> wrote ----",
    "Zoho, with another rule": f"---- On Sat, 28 Nov 2026 17:44:16 +0000 The Long Table <{US}> wrote ---",
    "163": f'At 2026-11-28 17:44:16, "The Long Table" <{US}> wrote:',
    "163 zh": f'在 2026-11-28 17:44:16，"The Long Table" <{US}> 写道：',
    "Proton": f"On Saturday, November 28th, 2026 at 5:44 PM, The Long Table <{US}> wrote:",
    "Proton, older": f"------- Original Message -------\nOn Saturday, November 28th, 2026 at 5:44 PM, The Long Table <{US}> wrote:",
    "Fastmail": "On Sat, 28 Nov 2026, at 5:44 PM, The Long Table wrote:",
    "mail.ru": f"Суббота, 28 ноября 2026, 17:44 +03:00 от The Long Table <{US}>:",
    "Yandex": f'28.11.2026, 17:44, "The Long Table" <{US}>:',
}
BLOCKS = {
    "Seznam": f"---------- Původní e-mail ----------\nOd: The Long Table <{US}>\nKomu: bob@example.org\nDatum: 28. 11. 2026 17:44:16\nPředmět: Ada replied to you",
    "Outlook en": f"________________________________\nFrom: The Long Table <{US}>\nSent: Saturday, November 28, 2026 5:44 PM\nTo: Bob <bob@example.org>\nSubject: Ada replied to you",
    "Outlook desktop de": "Von: The Long Table <hello@table.example>\nGesendet: Samstag, 28. November 2026 17:44\nAn: Bob <bob@example.org>\nBetreff: Ada replied to you",
    "Outlook fr": "De : The Long Table <hello@table.example>\nEnvoyé : samedi 28 novembre 2026 17:44\nÀ : Bob <bob@example.org>\nObjet : Ada replied to you",
    "Outlook es": "De: The Long Table <hello@table.example>\nEnviado el: sábado, 28 de noviembre de 2026 17:44\nPara: Bob\nAsunto: Ada replied to you",
    "Outlook ru": "От: The Long Table <hello@table.example>\nОтправлено: 28 ноября 2026 г. 17:44\nКому: Bob\nТема: Ada replied to you",
    "Outlook zh": f"发件人: The Long Table <{US}>\n发送时间: 2026年11月28日 17:44\n收件人: Bob <bob@example.org>\n主题: Ada replied to you",
    "Outlook ja": f"差出人: The Long Table <{US}>\n送信日時: 2026年11月28日 17:44\n宛先: Bob\n件名: Ada replied to you",
    "Outlook pl": f"Od: The Long Table <{US}>\nWysłano: sobota, 28 listopada 2026 17:44\nDo: Bob\nTemat: Ada replied to you",
    "Outlook mobile": f"Get Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: The Long Table <{US}>\nSent: Saturday, November 28, 2026 5:44:16 PM\nTo: bob@example.org <bob@example.org>\nSubject: Ada replied to you",
    "163, fields": f"发件人：The Long Table <{US}>\n发送日期：2026-11-28 17:44:16\n收件人：bob@example.org\n主题：Ada replied to you",
    "QQ": f'------------------ 原始邮件 ------------------\n发件人: "The Long Table" <{US}>;\n发送时间: 2026年11月28日(星期六) 下午5:44\n收件人: "Bob"<bob@example.org>;\n\n主题: Ada replied to you'.replace(
        "\n\n主题", "\n主题"
    ),
    "Foxmail": f"发件人： The Long Table\n发送时间： 2026-11-28 17:44\n收件人： bob@example.org\n主题： Ada replied to you <{US}>",
    "GMX": f'Gesendet: Samstag, 28. November 2026 um 17:44 Uhr\nVon: "The Long Table" <{US}>\nAn: bob@example.org\nBetreff: Ada replied to you',
    "AOL": f"-----Original Message-----\nFrom: The Long Table <{US}>\nTo: bob@example.org\nSent: Sat, Nov 28, 2026 5:44 pm\nSubject: Ada replied to you",
    "Samsung": "-------- Ursprüngliche Nachricht --------\nVon: The Long Table <hello@table.example>\nDatum: 28.11.26 17:44 (GMT+01:00)\nAn: bob@example.org\nBetreff: Ada replied to you",
    "K-9": f"-------- Original Message --------\nFrom: The Long Table <{US}>\nSent: 28 November 2026 17:44:16 GMT\nTo: bob@example.org\nSubject: Ada replied to you",
    "bold": f"*From:* The Long Table <{US}>\n*Sent:* Saturday, November 28, 2026 5:44 PM\n*To:* bob@example.org\n*Subject:* Ada replied to you",
}

# Lotus Notes and similar: headers that are neither one line nor a block of fields with colons. They are
# removed with the quotation.
NOTES = {
    "a table": f'"The Long Table" <{US}>\n28.11.2026 17:44\n\nAn\nbob@example.org\nKopie\n\nThema\nAda replied to you\n',
    "a table, with another line": f"The Long Table <{US}> \n11/28/2026 05:44 PM\nPlease respond to\n{US}\n\n\nTo\n<bob@example.org>\ncc\n\nSubject\nAda replied to you\n",
    "columns": f"{' ' * 13}The Long Table{' ' * 48}\n{' ' * 13}<{US}\n{' ' * 13}>{' ' * 58}To \n{' ' * 13}11/28/2026 05:44           bob@example.org\n{' ' * 13}PM{' ' * 57}cc \n\n{' ' * 67}Subject \n{' ' * 39}Ada replied to you",
    "a line and fields": f"-----The Long Table <{US}> wrote: -----\nTo: bob@example.org\nFrom: The Long Table <{US}>\nDate: 11/28/2026 05:44PM\nSubject: Ada replied to you",
    "a line and fields between rules": f'-----"The Long Table" <{US}> schrieb: -----\n\n=======================\nAn: bob@example.org\nVon: "The Long Table" <{US}>\nDatum: 28.11.2026 17:44\nBetreff: Ada replied to you\n=======================',
    "fields that are quoted": f'"The Long Table" <{US}> wrote on 28/11/2026 17:44:16:\n\n> From: "The Long Table" <{US}>\n> To: bob@example.org\n> Date: 28/11/2026 17:44\n> Subject: Ada replied to you\n>',
    "Gmail of old, no colon": f"2026/11/28 The Long Table <{US}>",
}


@pytest.mark.parametrize("head", NOTES.values(), ids=NOTES)
def test_heads_of_lotus_notes_go_with_the_alert_and_nothing_is_handed_back(head):
    own = StrippedReply(MINE)
    for all_of_it in ALL_QUOTED.values():
        assert part(f"{MINE}\n\n{head}\n\n{all_of_it}\n", NAMES, OURS) == own
        assert part(f"{head}\n{all_of_it}\n\n{MINE}\n", NAMES, OURS) == own


def test_text_that_begins_like_an_attribution_line_stays():
    text = f"The Long Table\nat 17:44\n\nLamps\nOil\n\nI like both.\n\n{ALL_QUOTED['plain']}"
    assert cut(text, NAMES, OURS) == "The Long Table\nat 17:44\n\nLamps\nOil\n\nI like both."


@pytest.mark.parametrize("intro", INTROS.values(), ids=INTROS)
def test_text_above_a_quoted_notification_is_the_reply_in_every_form_of_quotation(intro):
    assert {
        name: cut(f"{MINE}\n\n{intro}\n\n{all_of_it}\n", NAMES, OURS)
        for name, all_of_it in ALL_QUOTED.items()
    } == dict.fromkeys(ALL_QUOTED, MINE)


@pytest.mark.parametrize("intro", INTROS.values(), ids=INTROS)
def test_text_below_a_quoted_notification_is_the_reply(intro):
    assert {
        name: cut(f"{intro}\n{all_of_it}\n\n{MINE}\n", NAMES, OURS) for name, all_of_it in ALL_QUOTED.items()
    } == dict.fromkeys(ALL_QUOTED, MINE)


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_block_of_fields_goes_with_the_alert_below_it(block):
    assert {
        name: cut(f"{MINE}\n\n{block}\n\n{all_of_it}\n", NAMES, OURS)
        for name, all_of_it in ALL_QUOTED.items()
    } == dict.fromkeys(ALL_QUOTED, MINE)


@pytest.mark.parametrize("all_of_it", ALL_QUOTED.values(), ids=ALL_QUOTED)
def test_text_on_both_sides_of_the_notification_stays(all_of_it):
    text = f"{MINE}\n\n{INTROS['Gmail en']}\n\n{all_of_it}\n\nBest wishes\nAda\n"
    assert cut(text, NAMES, OURS) == f"{MINE}\n\nBest wishes\nAda"


@pytest.mark.parametrize("all_of_it", ALL_QUOTED.values(), ids=ALL_QUOTED)
def test_an_alert_that_nothing_leads_in_is_known_by_its_text(all_of_it):
    assert cut(f"{MINE}\n\n{all_of_it}\n\nBest wishes\nAda\n", NAMES, OURS) == f"{MINE}\n\nBest wishes\nAda"


@pytest.mark.parametrize("intro", [*INTROS.values(), *BLOCKS.values()], ids=[*INTROS, *BLOCKS])
def test_an_attribution_line_without_its_quotation_is_removed_and_the_text_stays(intro):
    """Someone deleted the quotation and wrote in its place."""
    if "Thunderbird, no date" not in intro:
        assert cut(f"{intro}\n\nI deleted the quote and wrote here.\n", NAMES, OURS) in {
            "I deleted the quote and wrote here.",
            "Get Outlook for iOS<https://aka.ms/o0ukef>\n\nI deleted the quote and wrote here.",
        }


def test_text_between_lines_of_the_notification_stays_marked_or_not():
    marked = f"{INTROS['Thunderbird en']}\n> The lamp is lit at four, and nobody has yet said who fills it with oil.\n\nI do.\n\n> Come and see for yourselves.\n\nTomorrow."
    assert cut(marked, NAMES, OURS) == marked.partition("\n")[2]
    above, _below = BODY.split("\n\n")
    unmarked = f"{BLOCKS['Outlook en']}\n\n{ALERT.replace(above, above + chr(10) * 2 + 'I do, says Björn.')}"
    assert cut(unmarked, NAMES, OURS) == "I do, says Björn."


def test_one_word_that_is_in_the_alert_too_is_the_writers():
    marked = f"{INTROS['Thunderbird en']}\n> The lamp is lit at four, and nobody has yet\n> said who fills it with oil.\n\nSettings.\n\n> Come and see for yourselves.\n\nStrangers."
    assert cut(marked, NAMES, OURS) == marked.partition("\n")[2]
    assert cut(f"{INTROS['Gmail en']}\n\nStrangers.", NAMES, OURS) == "Strangers."


def test_a_lead_to_a_signed_link_is_ours_whatever_the_link_was():
    """Each email has links of its own; a line break before one separates it from its introduction."""
    other = ALERT.replace("eyJhIjoxfQ.x", "Wz9d.other")
    assert (
        cut(
            f"{MINE}\n\n{INTROS['Thunderbird en']}\n\n{other.replace(': https', ':' + chr(10) + 'https')}",
            NAMES,
            OURS,
        )
        == MINE
    )


def test_a_link_in_brackets_within_quoted_html_is_not_taken_for_a_mark():
    html = f'<p>I fill it.</p><p>{INTROS["Thunderbird en"]}</p><blockquote type="cite"><p>A month of saying yes to strangers &lt;https://table.example/comments/917/&gt;, Saturday 28 November, 17:44</p></blockquote>'
    assert part(text_of_html(html), NAMES, OURS) == StrippedReply("I fill it.")


@pytest.mark.parametrize(("html", "words"), [
    (f"<p>Mine</p><blockquote><cite>On 28 Nov 2026, The Long Table &lt;{US}&gt; wrote:</cite><p>{BODY}</p></blockquote><p>below</p>", "Mine\n\nbelow"),
    ("<p>Mine</p><blockquote><cite>The Long Table, 28 Nov 2026 17:44:</cite>Lit at four</blockquote>", "Mine"),
    ("<p>Mine</p><blockquote>To be<cite>Hamlet</cite></blockquote>", "Mine\n\n> To be\n> Hamlet"),
], ids=["our address", "our name and a time", "somebody else"])  # fmt: skip
def test_the_quoted_author_is_named_in_the_quotation(html, words):
    assert cut(text_of_html(html), NAMES, OURS) == words


STAYS = {
    "said of us by the way": "I agree.\n\nAs The Long Table wrote on 3 May 2027:\nthe lamp is lit at four. I do not believe it.\n\nCome and see.",
    "a line from elsewhere": "I keep coming back to this line:\n\n> the moon was full twice that month",
    "a line of the comment, chosen": "I keep coming back to this line:\n\n> Come and see for yourselves.",
    "somebody else quoted": "On 3 May 2027, Kit wrote:\n> all is well\n\nI doubt it.",
    "a wish in German": "Das sehe ich auch so.\n\nVon meiner Seite alles Gute!",
    "love from Oslo": "See you there.\n\nSent with love from Oslo",
    "sent from somewhere": "It was quiet.\n\nSent from the balcony",
    "sent by mistake": "Sent from my phone is how I write these days.",
    "von meinem": "Ich frage mich das.\n\nVon meinem Onkel habe ich das Telefon geerbt",
    "envoyé": "D'accord.\n\nEnvoyé par la poste hier soir",
    "enviado": "Vale.\n\nEnviado con cariño desde Sevilla",
    "get well": "Poor thing.\n\nGet well soon",
    "get a phone": "What to do?\n\nGet a phone",
    "sent by phone": "How did it come?\n\nSent by phone",
    "from the box": "Once it was so:\n\nSent from the phone box on the corner",
    "from my mother": "A card came.\n\nSent from my Mother",
    "get outlook": "My advice?\n\nGet a better outlook on life",
    "von unterwegs": "Bis bald.\n\nVon unterwegs grüßt Anna",
    "verzonden": "Dank je.\n\nVerzonden met liefde",
    "a rule": "One thought.\n\n---\n\nAnother.",
    "a list with dashes": "Needed:\n-- oil\n-- a wick",
    "fields of a recipe": "From: the garden\nTo: the pot\nTime: 20 minutes",
    "fields that name us": "Subject: lamps\nFrom: a friend of The Long Table\nTo: everybody",
    "a time and a colon": "I will be there on 28 November at 17:44:\nbring oil.",
    "a short answer that is in the alert": "Who",
    "yes": "Yes",
    "a clock": "At 17:44:\n- light the lamp\n- sit down",
    "Japanese": "はい、私が毎晩入れています。\n\nまた明日。",
    "Chinese": "我同意。\n\n油在楼梯下面：左边。",
    "Arabic": "نعم، أنا أملؤها كل مساء.",
    "Korean": "네, 제가 매일 저녁 채웁니다.\n\n내일 봐요: 네 시에.",
    "code": "Try:\n\n    for lamp in lamps:\n        lamp.fill()\n\nand see.",
    "an address of ours without a signature": "Write to hello@table.example, they answer.",
    "greater than": "The can is > 2 litres\nand < 5",
}


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS)
def test_what_people_write_stays(text):
    assert part(text, NAMES, OURS).words == text
    # As if our email were unknown.
    assert part(text, NAMES).words == (text if text != STAYS["somebody else quoted"] else "I doubt it.")
    assert part(
        f"{text}\n\n{INTROS['Gmail en']}\n\n{ALL_QUOTED['of the HTML, wrapped']}", NAMES, OURS
    ).words.startswith(text.partition("\n\n")[0])


SIGNATURES = [
    "Mobil telefonumdan gönderildi", "Cep telefonumdan gönderildi", "Στάλθηκε από το iPhone μου", "Enviat des del meu iPhone",
    "Sent from my iPhone", "Sent from my iPad", "Sent from my Galaxy", "Sent from my Samsung Galaxy smartphone.", "Sent from Yahoo Mail for iPhone", "Sent from Yahoo Mail on Android",
    "Sent from Outlook for Android", "Get Outlook for iOS<https://aka.ms/o0ukef>", "Get Outlook for Android", "Sent from Mail for Windows", "Sent with Proton Mail secure email.",
    "Sent from Proton Mail for iOS", "Sent via the Samsung Galaxy S21 5G, an AT&T 5G smartphone", "Sent from my mobile device", "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.", "Von meinem iPhone gesendet", "Von meinem Samsung Galaxy Smartphone gesendet.", "Gesendet von Yahoo Mail auf Android",
    "Gesendet mit der GMX Mail App", "Gesendet von Outlook für Android", "Gesendet von Mail für Windows", "Envoyé de mon iPhone", "Envoyé depuis mon téléphone", "Télécharger Outlook pour iOS",
    "Envoyé à partir de Outlook pour Android", "Enviado desde mi iPhone", "Enviado do meu iPhone", "Enviado desde Yahoo Mail para iPhone", "Obtener Outlook para Android", "Obter o Outlook para iOS",
    "Inviato da iPhone", "Inviato dal mio iPad", "Scarica Outlook per iOS", "Verstuurd vanaf mijn iPhone", "Verzonden vanuit Outlook voor iOS", "Verzonden met Proton Mail", "Outlook voor Android downloaden".replace("Outlook voor Android downloaden", "Download Outlook voor Android"),
    "Отправлено с iPhone", "Отправлено из мобильной Яндекс Почты", "Wysłane z iPhone'a", "Wysłano z mojego telefonu", "Skickat från min iPhone", "Sendt fra min iPhone", "Lähetetty iPhonesta", "iPhone'umdan gönderildi",
    "发自我的iPhone", "发自我的华为手机", "從我的 iPhone 傳送", "iPhoneから送信", "나의 iPhone에서 보냄", "تم الإرسال من الـ iPhone", "נשלח מה-iPhone שלי", "Odesláno z iPhonu",
    "Sent from my Alcatel Flash2", "(Sent from mobile device)", "Sent from my HTC M8 Android phone. Please excuse typos", "Sent with Tuta; enjoy secure & ad-free emails", "Von Samsung-Tablet gesendet",
    "Diese Nachricht wurde von meinem Mobiltelefon mit WEB.DE Mail gesendet.", "Envoyé avec la messagerie sécurisée Proton Mail.", "Skickat från Outlook för iOS", "Отправлено из Mail.ru для Android", "Küldve az iPhone-omról",
    "Trimis de pe iPhone-ul meu", "iOS için Outlook uygulamasını edinin", "Yahoo Mail - Android'den gönderildi", "Outlook for iOS を入手", "네이버 메일 앱에서 보냈습니다.", "发送自 Windows 版邮件", "*Sent from my iPhone*", "-- \nBob Stone\nStove Street 1",
]  # fmt: skip


@pytest.mark.parametrize("signature", SIGNATURES)
def test_what_a_machine_adds_below_is_cut_and_only_there(signature):
    assert cut(f"{MINE}\n\n{signature}", NAMES, OURS) == MINE
    assert (
        cut(f"{MINE}\n\n{signature}\n\n{INTROS['Gmail de, new']}\n\n{ALL_QUOTED['wrapped']}", NAMES, OURS)
        == MINE
    )
    assert cut(f"{MINE}\n\n{signature}\n\n{BLOCKS['163, fields']}\n\n{ALERT}", NAMES, OURS) == MINE
    if not signature.startswith("--"):
        assert cut(f"{signature}\n\n{MINE}", NAMES, OURS) == f"{signature}\n\n{MINE}"


def test_our_address_for_replies_is_published_nowhere():
    assert cut(f"Write to {US} yourself.\n\n{MINE}", NAMES, OURS) == f"Write to … yourself.\n\n{MINE}"
    assert cut(
        f"See https://table.example/unsubscribe/eyJhIjoxfQ.x/ and all that is there for everybody to press.\n\n{MINE}",
        NAMES,
    ) == (f"See … and all that is there for everybody to press.\n\n{MINE}")


def test_what_is_left_out_beyond_our_alert_is_handed_back():
    found = part(f"{MINE}\n\n{BLOCKS['Outlook en']}\n\nSomething that only looks like ours\n\n{ALERT}", NAMES)
    assert found.words == MINE
    assert "Something that only looks like ours" in found.left_out
    assert part(f"{MINE}\n\n{INTROS['Gmail en']}\n\n{ALL_QUOTED['plain']}", NAMES, OURS).left_out == ""


@pytest.mark.parametrize("words", ["Yes, I do.", "Well --", "One\ntwo", "Ich auch."])
def test_text_joined_to_the_attribution_line_stays(words):
    assert cut(f"{words} {INTROS['Gmail en']}\n{ALL_QUOTED['plain']}", NAMES, OURS) == words.rstrip("- ")
    assert cut(f"{words}--- {INTROS['Gmail de']}\n{ALL_QUOTED['plain']}", NAMES, OURS) == words.rstrip("- ")


def test_text_right_above_an_attribution_line_stays():
    for words in (
        "The Long Table is where I sit.",
        "I asked The Long Table about it",
        "Yes",
        "On the whole I agree",
    ):
        for intro in (
            INTROS["Gmail en"],
            INTROS["Gmail de, new"],
            INTROS["Thunderbird en"],
            "On 23/11/2026 15:00, the kitchen wrote:",
        ):
            assert cut(f"{words}\n{intro}\n{ALL_QUOTED['wrapped']}", NAMES, OURS) == words
