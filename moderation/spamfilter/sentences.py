"""What the reasons of this app say to people (core.utils.reasons): those of the spam filter's rules first, then the other ones."""

from django.utils.translation import gettext_lazy as _

from core.utils.reasons import register_reasons

SENTENCES = {
    # What is said.
    "offer_gambling": _("Mentions betting or casinos like an advert."),
    "offer_pharmacy": _("Mentions pills or cures like an advert."),
    "offer_money": _("Mentions loans, profits or easy money like an advert."),
    "offer_adult": _("Uses the vocabulary of adverts for sex."),
    "offer_goods": _("Reads like an offer of goods or services."),
    "offer_magic": _("Praises a healer or a spell, like a well-known kind of spam."),
    "offer_prize": _("Promises a prize or asks to confirm an account, like a scam."),
    "self_promotion": _("Asks readers to visit the writer’s own channel, page or shop."),
    "self_promotion.mention": _("Mentions the writer’s own channel or page."),
    "empty_praise": _("Praise that would fit any site."),
    "empty_praise.with_link": _("Praise that would fit any site, with a link."),
    "phone": _("Gives a phone number to call."),
    "mail_address": _("Asks readers to write to an email address."),
    "call_to_act": _("Urges readers to click, call or sign up."),
    # Where it leads.
    "unknown_link": _("Links to a site that no published comment here has linked to before."),
    "odd_host": _("The web address looks as if it was made for a campaign."),
    "short_link": _("A shortened link hides where it leads."),
    "referral": _("It’s an affiliate link."),
    "only_link": _("There is no text beside the link."),
    "only_link.little_text": _("There is hardly any text beside the link."),
    "many_links": _("It’s mostly links."),
    "fundraiser": _("Asks for money."),
    "pointers": _("Arrows and pictures point at the link."),
    "search_name": _("The name is a search term rather than a person’s name."),
    "author_odd_host": _("The link behind the name looks as if it was made for a campaign."),
    "author_link": _("The name carries a link to an unknown site."),
    "name_is_address": _("The name is a web address."),
    # How it is written.
    "invisible": _("There are invisible characters between the letters of words."),
    "invisible.one": _("There is an invisible character inside a word."),
    "mixed_alphabets": _("Letters from several alphabets are mixed inside words."),
    "ornaments": _("Ornamental letters replace ordinary ones."),
    "ornaments.wide": _("Full-width letters replace ordinary ones."),
    "strokes": _("Letters are struck through or covered in marks."),
    "spaced": _("Words are spelt with spaces between the letters."),
    "broken_address": _("A web address is broken up so that software won’t recognise it."),
    "digits_as_letters": _("Digits replace letters."),
    "dressed_brand": _("A name with a number is dressed up so that people search for it."),
    "template": _("It’s an unfilled template: it contains {one|another}."),
    "template.part": _("It looks like part of a template: {one|another}."),
    "placeholder": _("A template placeholder was left in it."),
    "raw_markup": _("It contains links in forum markup."),
    "repeats": _("It repeats the same few words."),
    "no_words": _("It’s long but contains no words."),
    # How it came.
    "honeypot": _("A hidden form field was filled in."),
    "too_quick": _("It was sent within seconds of opening the form."),
    "form_missing": _("It wasn’t sent through the form on the page."),
    "form_forged": _("The form’s security token was changed."),
    "form_old": _("The form was more than a day old."),
    "burst_network": _("Several new members posted from the same network within minutes."),
    "burst_host": _("Several members linked to the same site within hours."),
    "same_words": _("Near-identical text appears elsewhere here."),
    "trust": _("The author is known here."),
    "trust.long": _("The author has been a member in good standing for a long time."),
    "first_link": _("A new member’s first comment links to another site."),
    # What moderators decided before.
    "bad_mark.name_several": _("It names something that appeared in several comments marked as spam."),
    "bad_mark.site_several": _("It links to a site that several comments marked as spam linked to."),
    "bad_mark.name_one": _("It names something that appeared in a comment marked as spam."),
    "bad_mark.site_one": _("It links to a site that a comment marked as spam linked to."),
    "good_mark": _("Approved comments link to the same site."),
    "copy_of_spam": _("Near-identical text was marked as spam before."),
    "copy_with_link": _("It repeats someone else’s approved comment and adds a link."),
    "learned.spam": _("It resembles comments that moderators here marked as spam."),
    "learned.genuine": _("It resembles comments that moderators here approved."),
    "prior.spam": _("It resembles spam on other sites."),
    "prior.genuine": _("It resembles ordinary comments on other sites."),
    # What speaks for it.
    "on_topic": _("It uses words from the post."),
    "long_talk": _("A long text with hardly any links."),
    # What others say, and rules beside the score.
    "akismet": _("Akismet, an external spam service, thinks it’s spam."),
    "new_member_link": _("First comment with a link from a new member."),
    "new_member_picture": _("First comment with a picture from a new member."),
    "author_spam": _("Another comment by the same author was marked as spam."),
    "reported": _("Reported by several members; hidden until a moderator reviews it."),
}

register_reasons(SENTENCES)
