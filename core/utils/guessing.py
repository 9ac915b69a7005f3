"""Guesses the language of a text: by its script, and for Latin script by common words (docs/decisions/0125).

In doubt there is no result: a text without a language is taken to be in the page's.
"""

import re
import unicodedata
from collections import Counter

# Enough characters to know, and few enough to cost nothing.
LOOKED_AT = 1200

_SMALL_WORDS = {
    "en": "the of and to in is you that it he was for on are as with his they at be this have from or had by not but what all were we when your can there an which their said if will each about how up out them then she many some so these would other into has more her two him see could no than my been who its now did get may part i'm don't it's that's i me do just like am too very really thanks here where why because after also only think know much well",
    "de": "der die das und ist nicht ich zu den es ein eine sie mit auf für von dem im auch sich wie noch nach war so aber als an wir aus bei nur werden oder haben hat wird kann man mir mich mein meine wenn schon doch mehr sehr hier dann was einen einem einer zum zur durch über bin sind habe du dein ihr uns unser kein keine dass weil danke gut immer wieder ja nein gibt ganz beim vom vor wo muss",
    "fr": "le la les de des du et est un une que qui dans pour pas sur ce il je ne se au avec plus par sont mais comme nous vous elle ont été cette aux leur y fait c'est j'ai n'est d'un d'une qu'il mon ma mes ton sa ses son bien aussi très tout même où quand si ça être avoir sans merci vraiment encore cela depuis toujours j'aime ou peut deux peu",
    "es": "el la los las de que y en un una es por con no para se lo del al como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni contra otros ese eso ante ellos e esto mí antes algunos qué unos yo otro tanto mi tu su gracias he ha está son fue ser tengo siempre así bien cada todavía",
    "pt": "o a os as de que e do da em um uma para é com não por mais dos como mas foi ao ele das tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo aos ter seus quem nas me esse eles estão você tinha foram essa num nem suas meu às minha têm numa pelos obrigado obrigada na no são sempre aqui gostei acho fazer ainda todo",
    "it": "il lo la i gli le di che e è un una per non sono con da del della in si come più ma anche dei nel alla mi ho ha questo questa se ci al dal sul molto quando dove chi perché grazie cosa io tu lui lei noi voi loro mio mia tuo essere fare tutto tutti ancora sempre bene così poi qui già solo o era stato degli delle nella",
    "nl": "de het een en van ik te dat die in is niet zijn op met voor er maar om hem dan zou of wat mijn men dit zo door over ze zich bij ook tot je mij uit der daar haar naar heb hoe heeft hebben deze u want nog zal me zij nu ge geen omdat iets worden toch al waren veel meer doen moet was wij we jij goed bedankt heel dank weer kan wel",
    "pl": "i w na nie się z do to że jest o jak ale po co tak za od przez dla ja są czy już tylko być był było tym tego jego jej ich mi mnie my wy oni ona ten ta te jestem bardzo może jeszcze kiedy dziękuję dzięki gdzie mam ma moje mój też bo więc przy lub które który która",
    "sv": "och det att i en jag hon som han på den med var sig för så till är men ett om hade de av icke mig du henne då sin nu har inte hans honom skulle hennes där min man ej vid kunde något från ut när efter upp vi dem vara vad över än dig kan sina här mycket tack också bara eller mitt alla",
    "da": "og i jeg det at en den til er som på de med han af for ikke der var mig sig men et har om vi min havde ham hun nu over da fra du ud sin dem os op man hans hvor eller hvad skal selv her alle vil blev kunne ind når være dog noget meget tak også bare lidt mit dig",
    "nb": "og i jeg det at en et den til er som på de med han av ikke der så var meg seg men har om vi min mitt ha hun nå over da fra du ut sin dem oss opp man hans hvor eller hva skal selv her alle vil ble kunne inn når være noe mye takk også bare litt deg jeg hadde etter mer",
    "fi": "ja on ei se että en oli hän mutta kun niin minä ole mitä tai sitä kuin sen myös vain jos nyt tämä joka mun minun sinun olen ovat olla kiitos hyvin voi vielä ne me te he siitä tässä kaikki sitten aina mukaan ollut",
    "tr": "ve bir bu da de için çok ne ama o ile gibi daha var ben mi sen biz en kadar değil olarak her şey yok ki ya benim olan sonra teşekkürler teşekkür olduğu bunu iyi güzel şimdi hiç bana bile",
    "cs": "a je se v na to že s z do o k i jak ale pro za by co jsem tak po od který jsou už ne si byl jen nebo jeho také není mi mě jako když děkuji díky kde kdy velmi jsme bylo ještě může být přes",
    "ro": "și de a în la cu o nu pe că un să este din pentru mai ce care am sunt fi ca se dar le au sau al ai mi eu tu el ea noi voi ei foarte mulțumesc bine când unde cum doar după fost această acest tot",
    "hu": "a az és hogy nem egy is ez meg de csak van volt már mint mi én te még el ha vagy mert sem ki nagyon köszönöm itt ott jó minden amit most lesz kell után aki azt ezt",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena bisa ada mereka lebih sudah atau saat oleh kami kita kamu dia tapi terima kasih sangat banyak seperti apa aku jadi belum hanya masih",
    "vi": "và là của có không được cho một người trong này với những để đã các tôi khi từ cũng như đến bạn rất anh ra nhiều về sẽ nhưng thì cảm ơn nếu lại đó",
    "ca": "el la els les de que i en un una és per amb no però més com es al del va són aquest aquesta molt jo tu ha han també si quan on gràcies què ser fer tot això hi ho meu seva dels",
}  # fmt: skip
# Letters and endings that few languages have, with those languages.
_MARKS = (
    ("[ñ¿¡]|ción\\b|mente\\b", "es"), ("[ãõ]|ções\\b|ção\\b|nh[oa]s?\\b", "pt"), ("ß|(?:ung|lich|keit|heit|isch|chen|cht)(?:e[nrs]?)?\\b", "de"),
    ("[äöü]", "de sv fi tr hu"), ("[èêûœ]|[cdjlmnst]'(?=[^\\W\\d_]{2})", "fr it ca"), ("(?:eux|aux|ait|aient|ais|ement)\\b", "fr"), ("zion[ei]\\b|ggi|cch", "it"),
    ("[łżźśćęą]", "pl"), ("[åø]", "sv nb da"), ("[æø]", "nb da"), ("[ğış]", "tr"), ("[őű]", "hu"), ("[ěřů]", "cs"), ("[ășţț]", "ro"),
    ("[ơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", "vi"), ("ij|aa[a-z]|oo[kprn]|heid\\b", "nl"), ("\\bth|wh[aeio]|ing\\b|ght|'(?:re|ve|ll|t)\\b", "en"),
)  # fmt: skip
# The weight of a word: the more languages have it, the less.
_WEIGHTS: dict[str, dict[str, float]] = {}
for _language, _words in _SMALL_WORDS.items():
    for _word in set(_words.split()):
        _WEIGHTS.setdefault(_word, {})[_language] = 0.0
for _shared in _WEIGHTS.values():
    _shared |= dict.fromkeys(_shared, 1 / len(_shared))

_NO_WORDS = re.compile(r"https?://\S+|[\w.+-]+@[\w.-]+|@\w+|`[^`]*`|\(picture:\d+\)")
_MARKS_OF = [(re.compile(pattern), languages.split()) for pattern, languages in _MARKS]
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

# Letters that distinguish languages with the same script; the first that occurs often enough decides.
_CYRILLIC = (("uk", "іїєґ"), ("be", "ў"), ("sr", "ђћљњџј"), ("ru", "ыэё"), ("bg", "ъ"))
_ARABIC = (("ur", "ٹڈےں"), ("fa", "پچژگی"))
_SCRIPTS = (
    ("HIRAGANA", "ja"), ("KATAKANA", "ja"), ("HANGUL", "ko"), ("CJK", "zh"), ("ARABIC", "ar"), ("HEBREW", "he"), ("CYRILLIC", "ru"),
    ("GREEK", "el"), ("THAI", "th"), ("DEVANAGARI", "hi"), ("GEORGIAN", "ka"), ("ARMENIAN", "hy"), ("BENGALI", "bn"), ("TAMIL", "ta"),
)  # fmt: skip
KNOWN_LANGUAGES = sorted(
    {
        *_SMALL_WORDS,
        *(code for _script, code in _SCRIPTS),
        *(code for code, _letters in (*_CYRILLIC, *_ARABIC)),
    }
)
# The share of letters that decides on the script.
_MAX = 0.6
# The minimum weight of common words, and the minimum lead over any other language.
_ENOUGH, _AHEAD = 1.5, 1.5


def guess_language(text: str) -> str:
    """The code of a language ("de", "ja"), or "" if the text is too short, mixed or unknown.

    text: as typed.
    """
    text = _NO_WORDS.sub(" ", text[:LOOKED_AT]).lower()
    latin = len(re.findall(r"[a-z\u00e0-\u024f\u1e00-\u1eff]", text))
    others = [
        letter
        for letter in text
        if letter > "\u036f" and letter.isalpha() and not "\u1e00" <= letter <= "\u1eff"
    ]
    if len(others) > latin:
        return _by_script(others)
    return _by_words(text) if latin else ""


def _by_script(letters: list[str]) -> str:
    found = Counter[str]()
    for letter in letters[:300]:
        name = unicodedata.name(letter, "")
        found[next((code for script, code in _SCRIPTS if name.startswith(script)), "")] += 1
    if found["ja"] and found["ja"] >= 0.1 * (found["ja"] + found["zh"]):
        found["ja"] += found.pop("zh", 0)
    [(code, count)] = found.most_common(1)
    if count < max(2, _MAX * found.total()):
        return ""
    for language, marks in {"ru": _CYRILLIC, "ar": _ARABIC}.get(code, ()):
        if sum(map(letters.count, marks)) > 0.01 * len(letters):
            return language
    return code


def _by_words(text: str) -> str:
    words = [word.replace("’", "'") for word in _WORDS.findall(text)]
    scores = Counter[str]()
    for word in words:
        scores.update(_WEIGHTS.get(word, {}))
    for pattern, languages in _MARKS_OF:
        if found := len(pattern.findall(text)):
            scores.update(dict.fromkeys(languages, found / (1 + len(languages))))
    if not scores:
        return ""
    (best, score), *others = scores.most_common(2)
    second = others[0][1] if others else 0.0
    # A short text in another language contains one or two common words of this one by chance.
    return best if score >= max(_ENOUGH, 0.1 * len(words)) and score >= _AHEAD * second else ""
