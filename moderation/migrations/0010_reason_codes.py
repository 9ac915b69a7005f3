"""Convert reasons to codes and values (core.utils.reasons).

Sentences of earlier versions are recognised; others stay as text.
"""

import re

from django.db import migrations

BATCH = 500

# The sentences of each code so far, the newest last.
SENTENCES = {
    "turned_away": [
        "It was taken for spam and turned away; a moderator can still let it through.",
        "It was blocked as spam; a moderator can still approve it.",
    ],
    "changed": [
        "Its author changed it; a moderator will look at it.",
        "The author edited it; a moderator will review it.",
    ],
    "mail_route": [
        "It came by email, and nothing proves who sent it.",
    ],
    "import": [
        "It was still waiting in WordPress.",
        "It was awaiting moderation in WordPress.",
    ],
    "offer_gambling": [
        "It speaks of betting and casinos as advertising does.",
        "Mentions betting or casinos like an advert.",
    ],
    "offer_pharmacy": [
        "It speaks of pills and cures as advertising does.",
        "Mentions pills or cures like an advert.",
    ],
    "offer_money": [
        "It speaks of loans, profits or easy money as advertising does.",
        "Mentions loans, profits or easy money like an advert.",
    ],
    "offer_adult": [
        "It uses the words of advertising for sex.",
        "Uses the vocabulary of adverts for sex.",
    ],
    "offer_goods": [
        "It reads like an offer of goods or services.",
        "Reads like an offer of goods or services.",
    ],
    "offer_magic": [
        "It praises a healer or a spell, as a well-known kind of spam does.",
        "Praises a healer or a spell, like a well-known kind of spam.",
    ],
    "offer_prize": [
        "It promises a prize or asks to confirm an account, as fraud does.",
        "Promises a prize or asks to confirm an account, like a scam.",
    ],
    "self_promotion": [
        "It asks readers to come to the writer's own channel, page or shop.",
        "Asks readers to visit the writer’s own channel, page or shop.",
    ],
    "self_promotion.mention": [
        "It mentions the writer's own channel or page.",
        "Mentions the writer’s own channel or page.",
    ],
    "empty_praise": [
        "Praise that would fit any site.",
    ],
    "empty_praise.with_link": [
        "Praise that would fit any site, with a link.",
    ],
    "phone": [
        "It gives a phone number to call.",
        "Gives a phone number to call.",
    ],
    "mail_address": [
        "It asks to write to a mail address.",
        "Asks readers to write to an email address.",
    ],
    "call_to_act": [
        "It urges readers to click, call or sign up.",
        "Urges readers to click, call or sign up.",
    ],
    "unknown_link": [
        "It links to a place that nobody here has linked to before.",
        "Links to a site that no published comment here has linked to before.",
    ],
    "odd_host": [
        "The address looks like one made for a campaign.",
        "The address looks as if it was made for a campaign.",
        "The web address looks as if it was made for a campaign.",
    ],
    "short_link": [
        "A shortened address hides where it leads.",
        "A shortened link hides where it leads.",
    ],
    "referral": [
        "The address pays whoever passes it on.",
        "It’s an affiliate link.",
    ],
    "only_link": [
        "There is no word beside the link.",
        "There is no text beside the link.",
    ],
    "only_link.little_text": [
        "There is hardly a word beside the link.",
        "There is hardly any text beside the link.",
    ],
    "many_links": [
        "It is mostly links.",
        "It’s mostly links.",
    ],
    "fundraiser": [
        "It asks for money.",
        "Asks for money.",
    ],
    "pointers": [
        "Arrows and pictures point at the link.",
    ],
    "search_name": [
        "The name is what people type into search engines, not a person's.",
        "The name is a search term rather than a person’s name.",
    ],
    "author_odd_host": [
        "The address behind the name looks like one made for a campaign.",
        "The link behind the name looks as if it was made for a campaign.",
    ],
    "author_link": [
        "The name carries a link to an unknown place.",
        "The name carries a link to an unknown site.",
    ],
    "name_is_address": [
        "The name is an address.",
        "The name is a web address.",
    ],
    "invisible": [
        "Invisible signs stand between the letters of words.",
        "There are invisible characters between the letters of words.",
    ],
    "invisible.one": [
        "An invisible sign stands inside a word.",
        "There is an invisible character inside a word.",
    ],
    "mixed_alphabets": [
        "Letters of several alphabets are mixed inside words.",
        "Letters from several alphabets are mixed inside words.",
    ],
    "ornaments": [
        "Ornamental letters stand in for plain ones.",
        "Ornamental letters replace ordinary ones.",
    ],
    "ornaments.wide": [
        "Wide letters stand in for plain ones.",
        "Full-width letters replace ordinary ones.",
    ],
    "strokes": [
        "Letters are struck through or piled with marks.",
        "Letters are struck through or covered in marks.",
    ],
    "spaced": [
        "Words are written with blanks between the letters.",
        "Words are spelt with spaces between the letters.",
    ],
    "broken_address": [
        "An address is broken up, so that programs do not see it.",
        "An address is broken up so that software won’t recognise it.",
        "A web address is broken up so that software won’t recognise it.",
    ],
    "digits_as_letters": [
        "Digits stand in for letters.",
        "Digits replace letters.",
    ],
    "dressed_brand": [
        "A name with a number is dressed up, so that people search for it.",
        "A name with a number is dressed up so that people search for it.",
    ],
    "template": [
        "It is an unfilled template: {one|another} stands in it.",
        "It’s an unfilled template: it contains {one|another}.",
    ],
    "template.part": [
        "It looks like a piece of a template: {one|another}.",
        "It looks like part of a template: {one|another}.",
    ],
    "placeholder": [
        "A place holder of a template was left in it.",
        "A template placeholder was left in it.",
    ],
    "raw_markup": [
        "It carries links in the markup of forums.",
        "It contains links in forum markup.",
    ],
    "repeats": [
        "It repeats the same few words.",
    ],
    "no_words": [
        "It is long and holds no word.",
        "It’s long but contains no words.",
    ],
    "honeypot": [
        "A field was filled in that people do not see.",
        "A hidden form field was filled in.",
    ],
    "too_quick": [
        "It was sent within seconds after the form was opened.",
        "It was sent within seconds of opening the form.",
    ],
    "form_missing": [
        "It did not come through the form on the page.",
        "It wasn’t sent through the form on the page.",
    ],
    "form_forged": [
        "The form's seal was changed.",
        "The form’s security token was changed.",
    ],
    "form_old": [
        "The form was more than a day old.",
    ],
    "burst_network": [
        "Several new members wrote from the same network within minutes.",
        "Several new members posted from the same network within minutes.",
    ],
    "burst_host": [
        "Several members linked to the same place within hours.",
        "Several members linked to the same site within hours.",
    ],
    "same_words": [
        "Nearly the same words stand elsewhere here.",
        "Near-identical text appears elsewhere here.",
    ],
    "trust": [
        "The writer is known here.",
        "The author is known here.",
    ],
    "trust.long": [
        "The writer has been a good member for long.",
        "The author has been a member in good standing for a long time.",
    ],
    "first_link": [
        "The first comment of somebody new leads elsewhere.",
        "A new member’s first comment links to another site.",
    ],
    "bad_mark.name_several": [
        "It names something that several comments named which were marked as spam.",
        "It names something that appeared in several comments marked as spam.",
    ],
    "bad_mark.site_several": [
        "It leads where several comments led that were marked as spam.",
        "Moderators marked comments that link there as spam, more than once.",
        "It links to a site that several comments marked as spam linked to.",
    ],
    "bad_mark.name_one": [
        "It names something that a comment named which was marked as spam.",
        "It names something that appeared in a comment marked as spam.",
    ],
    "bad_mark.site_one": [
        "It leads where a comment led that was marked as spam.",
        "A comment that links there was marked as spam.",
        "It links to a site that a comment marked as spam linked to.",
    ],
    "good_mark": [
        "Approved comments lead there too.",
        "Approved comments link there too.",
        "Approved comments link to the same site.",
    ],
    "copy_of_spam": [
        "Nearly the same words were marked as spam before.",
        "Near-identical text was marked as spam before.",
    ],
    "copy_with_link": [
        "It repeats an approved comment of somebody else and adds a link.",
        "It repeats someone else’s approved comment and adds a link.",
    ],
    "learned.spam": [
        "It is like comments that moderators here marked as spam.",
        "It resembles comments that moderators here marked as spam.",
    ],
    "learned.genuine": [
        "It is like comments that moderators here approved.",
        "It resembles comments that moderators here approved.",
    ],
    "prior.spam": [
        "It is like spam on other sites.",
        "It resembles spam on other sites.",
    ],
    "prior.genuine": [
        "It is like ordinary talk on other sites.",
        "It resembles ordinary comments on other sites.",
    ],
    "on_topic": [
        "It takes up the words of the post.",
        "It uses words from the post.",
    ],
    "long_talk": [
        "A long text with hardly a link.",
        "A long text with hardly any links.",
    ],
    "akismet": [
        "Akismet, an outside checker, takes it for spam.",
        "Akismet, an external spam service, thinks it’s spam.",
    ],
    "new_member_link": [
        "The first comment with a link of somebody new here.",
        "First comment with a link from a new member.",
    ],
    "new_member_picture": [
        "The first comment with a picture of somebody new here.",
        "First comment with a picture from a new member.",
    ],
    "author_spam": [
        "Something else by the same person was marked as spam.",
        "Something else by the same author was marked as spam.",
        "Another comment by the same author was marked as spam.",
    ],
    "reported": [
        "Several members reported it; it waits until a moderator has looked at it.",
        "Reported by several members; hidden until a moderator reviews it.",
    ],
}

CODES = {sentence: code for code, sentences in SENTENCES.items() for sentence in sentences}

# The former format of a reason with its marks: "A sentence: “one”, “another”."
WITH_MARKS = re.compile(r"(?P<sentence>.+?): “(?P<marks>.+)”\.", re.DOTALL)


def to_code(reason):
    """A reason's text as a code with values. An unknown sentence stays as text."""
    if "text" not in reason:
        return reason
    rest = {name: value for name, value in reason.items() if name not in {"code", "text"}}
    text = str(reason["text"])
    sentence, marks = text, []
    if sentence not in CODES and (found := WITH_MARKS.fullmatch(text)):
        sentence, marks = f"{found['sentence']}.", found["marks"].split("”, “")
    if sentence not in CODES:
        return {"code": reason.get("code", "other"), "values": {"text": text}} | rest
    code, _dot, variant = CODES[sentence].partition(".")
    kept = {"code": code} | ({"variant": variant} if variant else {}) | rest
    return kept | {"marks": marks} if marks else kept


def to_text(reason):
    """Reverse: the newest English sentence, or the stored text."""
    if "text" in reason:
        return reason
    rest = {name: value for name, value in reason.items() if name not in {"variant", "values"}}
    name = f"{reason['code']}.{reason['variant']}" if reason.get("variant") else reason["code"]
    sentences = SENTENCES.get(name) or [reason["code"]]
    return rest | {"text": reason.get("values", {}).get("text", sentences[-1])}


def change_all(apps, change):
    for model, field in (("comments.Comment", "hold_reasons"), ("moderation.Assessment", "reasons")):
        rows = apps.get_model(model)._base_manager.exclude(**{field: []}).only("pk", field).order_by("pk")
        changed = []
        for row in rows.iterator(chunk_size=BATCH):
            setattr(row, field, [change(reason) for reason in getattr(row, field)])
            changed.append(row)
            if len(changed) == BATCH:
                rows.model._base_manager.bulk_update(changed, [field])
                changed = []
        rows.model._base_manager.bulk_update(changed, [field])


def code_all(apps, schema_editor):
    change_all(apps, to_code)


def word_all(apps, schema_editor):
    change_all(apps, to_text)


class Migration(migrations.Migration):
    dependencies = [("comments", "0008_plain_words"), ("moderation", "0009_plain_words")]

    operations = [migrations.RunPython(code_all, word_all)]
