"""Rules for adverts without link or number: they say where to look, whom to ask, or to write in private.

They detect mechanisms, as in lures.py: each needs two things that genuine comments rarely combine.
"""

import re
from collections.abc import Iterator

from moderation.spamfilter.engine.history import History
from moderation.spamfilter.engine.lures import MESSENGER
from moderation.spamfilter.engine.rules import MONEY, Signal, strength
from moderation.spamfilter.engine.text import TextAnalysis

# "name at host dot com", "name arobase host point com", "stream dot best": spelt out to evade filters.
SPELT_MAIL = re.compile(
    r"(?<![\w@])[\w.+-]{2,40} (?:at|arobase|arroba|ät|собака) [a-z0-9-]{2,40} (?:dot|point|punto|ponto|punkt|точка) (?:com|net|org|info|[a-z]{2})(?!\w)",
    re.IGNORECASE,
)
SPELT_SITE = re.compile(
    r"(?<![\w@])(?!(?:the|a|an|this|that|big|old|first|one|no|red|blue|black|white|yellow|green) )[a-z0-9-]{4,40} dot "
    r"(?:com|net|org|info|best|top|xyz|live|site|online|shop|club|pro|vip|bet|link|cc|io|me|tv|app)(?![\w-])(?! (?:boom|bubble|crash|era|years|company|companies))",
    re.IGNORECASE,
)
# "message me", "DM me for a trial", "per PN", "por privado", "в личку".
PRIVATELY = re.compile(
    r"(?<![^\W_])(?:(?:message|dm|pm|inbox|text) me|(?:drop|send) me a (?:dm|pm|message)|(?:write|talk|reply) (?:to me )?in private|i(?:'|’)?ll (?:send|dm|message) you (?:the|a) link|"
    r"signal or whatsapp me|whatsapp or signal me|ask me for an invite|tell (?:him|her|them) \w+ sent you|message (?:me )?on (?:viber|signal|telegram|whatsapp)|me cham[ae] no (?:direct|zap|privado)|escr[ií]beme por (?:dm|md|interno)|per pn|schreib(?:t)? mir privat|(?:por|al|en) privado|(?:no|em|pelo) privado|en (?:mp|privé|message privé)|в (?:личку|личные сообщения|лс))(?![^\W_])",
    re.IGNORECASE,
)
# "Message Paula on Telegram", "找伊万的Signal": readers are asked to write to someone in another place. The verbs are
# requests; "I wrote to Paula on Telegram" is none.
REQUESTS = (
    r"(?<!i )(?<!we )(?<!to )(?<!they )(?<!you )(?<!can )(?<!could )(?<!did )(?<!would )(?:message|write|text|contact|ask|speak to|talk to|reach|find|add|dm|follow)|"
    r"schreibt?|schreiben sie|melde dich|meldet euch|melden sie|kontaktiert?|kontaktieren sie|fragt?|suche?t|findet|sprecht|sprich|man findet|"
    r"escrib[ea]n?|escribid|escríb\w+|contacten?|contact[ae]|contáct\w+|pregunten?|pregunta|habla con|hablen con|busquen?|busca|búsc\w+|agrega|añade|"
    r"écrivez|écris|contactez|demandez|parlez|cherchez|ajoutez|retrouvez|suivez|"
    r"escrevam?|chamem?|chama|falem? com|procurem?|adicionem?|perguntem?|"
    r"(?:на)?пиши(?:те)?|найди(?:те)?|спроси(?:те)?|свяжи(?:сь|тесь)|добавь(?:те)?|обращайтесь|ищите"
)
NETWORK = r"what'?s ?app|telegram|signal|viber|instagram|messenger|skype|discord|wechat|snapchat|ват ?сап\w*|вот ?сап\w*|телеграм\w*|телег[еу]|сигнале?|вайбер\w*|инстаграм\w*|инсте"
WRITE_THERE = re.compile(
    rf"(?<![^\W_])(?:{REQUESTS})(?![^\W_])[^.!?\n]{{0,40}}(?<![^\W_])(?:on|via|by|auf|bei|über|en|por|sur|par|no|pelo|в|через) (?:\w{{2,5}} )?(?:{NETWORK})(?![^\W_])"
    r"|(?:راسلو|راسلي|تواصلو|تواصل مع|اكتب|ابحث|اسأل|أضف|أضيفوا|تحدث مع|تحدثوا مع|تجد)\w*[^.!?\n]{0,40}(?:واتس\w*|تي?لي?[جغ]رام|سيغنال|سناب\w*|إ?انستغ?[رق]ا?م|إنستغرام)"
    r"|(?:找|加|联系|(?<!我)给|搜|关注)[^。！？\n]{0,16}(?:whatsapp|telegram|signal|instagram|line|电报)|加[^。！？\n]{0,6}微信"
    r"|(?:whatsapp|telegram|signal|instagram|line|インスタ)(?:[でのをに]|で、)[^。！？\n]{0,20}(?:まで|追加し|追加を|ご?連絡(?:して|を|く)|検索|探し|メッセージ(?:を|く)|いますので|にいます)",
    re.IGNORECASE,
)
# "She is on Instagram", after she was praised.
SHE_IS_THERE = re.compile(
    rf"(?<![^\W_])(?:(?:she|he) is|sie ist|er ist|est[aá]|elle est|il est|(?:ela|ele) está) (?:on|auf|en|sur|no) (?:{NETWORK})(?![^\W_])|[她他]在(?:instagram|telegram|whatsapp|微信)",
    re.IGNORECASE,
)
# Networks that are more than a messenger.
NO_MESSENGER = re.compile("inst|discord|инст|انست|インスタ", re.IGNORECASE)
# What is paid, and when: wages, payment, a sum.
PAYMENT = re.compile(
    r"(?<![^\W_])(?:wages?|salary|payments?|payouts?|per day|lohn|gehalt|bezahlung|zahlung|sueldo|pagos?|pagas|salaire|paiement|salário|pagamento|зарплат\w*|оплат\w*|выплат\w*)(?![^\W_])"
    r"|الأجر|أجرك|الدفع|راتب|工资|付款|报酬|薪|报酬|支払|報酬|給料|[\d一二三四五六七八九十几数]万",
    re.IGNORECASE,
)
# A sum without a currency, and no year.
BIG_SUM = re.compile(
    r"\d{1,3}[.,\u00a0\u202f ]\d{3}(?!\d)|\d+ тысяч|(?<!\d)(?!(?:19|20)\d\d(?!\d))[1-9]\d{3,}"
)
OFFERED = ("money", "goods", "prize", "adult")
# "Comment "AGENT"", "DM "CIRCLE"", "reply with "yes"": a word to send.
WORD_TO_SEND = re.compile(
    r"(?<![^\W_])(?i:comment|dm|reply with|reply|text|type|kommentiere|schreib|écris|comenta|escribe|пиши|пишите слово|слово) [\"“”«„']?(?:[A-ZÀ-ÞА-Я]{3,12}(?![^\W_])|(?<=[\"“«„'])(?i:yes|info|start|ja|oui|sí))"
)
# Where to look: the author's name or picture, or someone's on a network.
OWN_NAME = re.compile(
    r"\b(?:check|click|tap|visit|see)(?: on| out)? (?:my (?:name|profile|picture|avatar|username|bio)|the name (?:above|below))\b|"
    r"\b(?:click|tap)(?: on)? the (?:name|picture|avatar)\b|\blink (?:is )?in (?:my|the) (?:bio|profile)\b",
    re.IGNORECASE,
)
LOOK_UP = re.compile(
    r"(?<![^\W_])(?:find|search|look up|look for|reach|google)(?: for)? (?:him|her|them|it|mr|mrs|ms|dr|sir|coach)(?![^\W_])|(?<![^\W_])(?:just )?google it(?![^\W_])|"
    r"(?<![^\W_])search (?:for|on google)? ?[\"“«„]|leicht zu finden|den namen [^.!?]{3,40} merken|búscal[oa]|cherchez[- ](?:le|la)|procure (?:por|ela|ele)",
    re.IGNORECASE,
)
ON_A_NETWORK = re.compile(
    r"(?<![^\W_])(?:f[a@]ceb[o0]{2}k|instagr[a@]m|insta|ig|fb|tele ?gr[a@]m|tik ?tok|linkedin|by (?:her|his) full name)(?![^\W_])",
    re.IGNORECASE,
)
# Someone manages the author's money: "manages my account", "verwaltet mein Geld", "copy trading", "AI trade",
# "a robot that trades".
MANAGED = re.compile(
    r"(?<![^\W_])(?:manag(?:es|ed|ing) (?:my|our) (?:account|money|funds|portfolio|trades?|investments?)|verwaltet (?:mein|unser) geld|maneja mi (?:dinero|cuenta)|gère mon (?:argent|compte)|"
    r"cuida do meu dinheiro|copy[- ]trad\w+|(?:ai|quantum|bitcoin|crypto)\w*(?: \w+)? trad(?:e|er|ing)(?: \w+)?|trading[- ](?:bot|robot|platform)|robot que opera|робот\w* торгу\w+)(?![^\W_])",
    re.IGNORECASE,
)
PUT_IN = re.compile(
    r"(?<![^\W_])(?:put in|invested|started with|deposited|investiert|eingezahlt|invertí|deposité|investi|mit nur|empezar con)(?![^\W_])[^.!?]{0,12}\d",
    re.IGNORECASE,
)
GREW = re.compile(
    r"(?<![^\W_])(?:(?:it(?:'|’)?s|its|now|already)[^.!?\d]{0,20}(?:at|worth|up to|over)?|withdr[ae]w\w*|gr[eo]w\w*|turned|made|earned|daraus|wurden|gan[ée]|gagné|ganhei)(?![^\W_])[^.!?\n]{0,30}\d",
    re.IGNORECASE,
)
PAID_OUT = re.compile(
    r"(?<![^\W_])(?:i )?(?:withdraw|get paid|cash out) (?:every|each|weekly|daily)", re.IGNORECASE
)
PER_MONTH = re.compile(
    r"\d\s?%[^.!?\n]{0,6}(?:(?:a|per|each|every|im|pro|al|por|par|au|ao|в) (?:day|week|month|monat|woche|tag|mes|semana|mois|semaine|mês|месяц|неделю)|monthly|weekly|daily|monatlich|mensual)",
    re.IGNORECASE,
)
# "Chainlift Forensics", "Cipher Recovery Team": firms that claim to recover stolen money.
RECOVERERS = re.compile(
    r"\b(?!(?:The|This|That|Our|Your|His|Her|Their|Some|Any|And|But|For) )[A-Z][\w-]{2,20}(?: [A-Z][\w-]{2,20})? (?:Recover(?:y|ies)|Forensics?|Hack(?:er|ers|s)?|Cyber\w*|Tech(?:nolog\w+)?|Wizards?|Intelligence|Tracers?|Retriev\w+|Reclaim\w*|Investigat\w+|Solutions|Experts?)\b"
)
LOST_MONEY = re.compile(
    r"\b(?:lost|stolen|scammed|stole|defrauded)\b.{0,80}(?:[£$€]|\b(?:btc|bitcoin|usdt|eth|crypto|savings|wallet|broker|exchange)\b)",
    re.IGNORECASE | re.DOTALL,
)
# "I never got it back" is no praise.
GOT_BACK = re.compile(
    r"(?<!never )(?<!not )(?<!n't )(?<!n’t )(?<!nobody )(?<!nothing )\b(?:recover\w*|retriev\w*|got (?:it|them|everything|all|my)[^.!?]{0,20}back|traced)\b",
    re.IGNORECASE,
)


def pointers_elsewhere(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """A URL in words, the author's own name as a pointer, or the handle of someone who earns money for
    others.
    """
    text = analysis.text
    if spelt := SPELT_MAIL.search(text):
        yield Signal("mail_address", 2.6, marks=(spelt[0],))
    elif spelt := SPELT_SITE.search(text):
        yield Signal("broken_address", 2.6, marks=(spelt[0],))
    if strength(analysis, "self_promotion") < 1 and (named := OWN_NAME.search(text)):
        yield Signal("self_promotion", 2.4, marks=(named[0],))
    if (there := WRITE_THERE.search(text) or SHE_IS_THERE.search(text)) and not analysis.material.is_profile:
        is_paid = bool(PAYMENT.search(text) or MONEY.search(text) or BIG_SUM.search(text))
        # The name of a messenger counts already (lures.messenger).
        weight = (3.2 if is_paid else 1.6) - 0.8 * bool(MESSENGER.search(text))
        variant = "network" if NO_MESSENGER.search(there[0]) else "name"
        yield Signal("messenger", weight, variant, marks=(there[0],))
        return
    looked = LOOK_UP.search(text)
    if looked and (network := ON_A_NETWORK.search(text)):
        sells = _sells_money(analysis) or strength(analysis, "magic")
        yield Signal("messenger", 1.6 if sells else 0.8, "network", marks=(looked[0], network[0]))
    elif looked and _sells_money(analysis):
        yield Signal("call_to_act", 1.2, marks=(looked[0],))


def _sells_money(analysis: TextAnalysis) -> bool:
    return bool(MANAGED.search(analysis.text) or PER_MONTH.search(analysis.text) or _has_grown(analysis))


def _has_grown(analysis: TextAnalysis) -> bool:
    """Whether money was invested and more came out."""
    begun = PUT_IN.search(analysis.text)
    return bool(begun and GREW.search(analysis.text, begun.end()) and MONEY.search(analysis.text))


def private_offer(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """An offer or money, with a request to write in private or to send a word.

    There no one else can read what is said.
    """
    text = analysis.text
    sells = any(strength(analysis, topic) >= 1 for topic in OFFERED)
    offered = bool(sells or MONEY.search(text))
    if word := WORD_TO_SEND.search(text):
        yield Signal("private_offer", 2.6 if offered else 1.4, marks=(word[0],))
    elif offered and (request := PRIVATELY.search(text)):
        # A spare ticket has a price as well.
        yield Signal("private_offer", 2.2 if sells else 1.6, marks=(request[0],))


def managed_money(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """Someone or something earns money for the author.

    With what was invested and came out, monthly, or paid out every week.
    """
    text = analysis.text
    managed = MANAGED.search(text)
    if _has_grown(analysis):
        yield Signal("profit_claim", 2.6 if managed else 1.4, "sums")
    elif managed and (PER_MONTH.search(text) or PAID_OUT.search(text)):
        yield Signal("profit_claim", 2.6, marks=(managed[0],))
    elif managed and MONEY.search(text):
        yield Signal("profit_claim", 1.4, "sum", marks=(managed[0],))


def named_recoverer(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """Lost money, recovered by a named firm: the name alone is enough to search for."""
    if LOST_MONEY.search(analysis.text) and GOT_BACK.search(analysis.text):
        named = RECOVERERS.search(analysis.text)
        if named:
            yield Signal("recovery", 3.2, marks=(named[0],))
