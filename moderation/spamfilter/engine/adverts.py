"""Rules for adverts by small firms or "happy customers" that contain no link, number or sum.

Each rule looks for parts of such an advert: generic praise, someone who sells, terms, a name, a miracle, an
urge to act, a way to get in touch. Genuine comments contain each of them, and often two. So two never hold a
comment; three do, because genuine comments hardly combine three.
"""

import re
from collections.abc import Iterator

from moderation.spamfilter.engine.history import History
from moderation.spamfilter.engine.pointers import PRIVATELY
from moderation.spamfilter.engine.rules import Signal
from moderation.spamfilter.engine.text import TextAnalysis


def _phrases(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(alternatives)})(?![^\W_])", re.IGNORECASE)


# Generic praise in the first sentence, which would fit any post.
PRAISE_FIRST = re.compile(
    r"\W{0,3}(?:(?:what|such) an? (?:\w+ ){0,2}(?:story|memory|post|article|text|piece)|"
    r"(?:(?:very|really|such a?|how) )?(?:helpful|lovely|great|nice|good|wonderful|beautiful|moving|amazing|excellent|interesting|touching) "
    r"(?:post|page|read|story|tips|article|points? of view|points?|text|thoughts?|community|site|blog|words)|beautifully (?:written|said)|(?:qué|que) (?:bonito|lindo|hermoso)|so true|(?:i )?love this (?:community|site|page|blog)|"
    r"thank(?:s| you)(?: so much)? for (?:this|sharing)[^.!?]{0,20}|your words [^.!?]{5,50}|this (?:really )?touched me|"
    r"(?:toller?|schöner?|super) (?:beitrag|text|artikel|seite|geschichte)|(?:danke|vielen dank) für (?:den|diesen) \w+|"
    r"(?:gran|buen|bonito|excelente) (?:artículo|texto|post)|artículo \w+|merci pour (?:ce|cet|cette) \w+|(?:bel|bon|superbe|très bon) (?:article|texte)|"
    r"adorei o (?:texto|artigo|post)|(?:ótimo|belo|excelente) (?:texto|artigo|post)|(?:отличная|хорошая|прекрасная|интересная) (?:статья|история)|спасибо за (?:статью|пост))"
    r"\s?[.!,]",
    re.IGNORECASE,
)
# People who offer paid work, speaking of themselves in the present tense: what a firm did in 1996 is a
# memory.
FIRM = _phrases(
    r"(?:our|my) (?:(?!old|former|late)\w+ ){0,2}(?:team|company|agency|firm|studio|business)(?: at(?: [A-Z][\w-]+){1,3})? "
    r"(?:covers?|offers?|provides?|designs?|cleans?|helps?|builds?|delivers?|speciali[sz]es?|does|makes|repairs?|writes?|can)",
    r"(?:our|my) (?:(?!old|former|late)\w+ ){0,2}(?:team|company|agency|firm|studio|business)(?: at(?: [A-Z][\w-]+){1,3})? (?:moves|takes|manages|prints|installs|sells|trains|plans)",
    r"i run an? (?:\w+ ){0,3}(?:business|agency|company|studio|practice|shop)|(?:take|taking) on new (?:clients|customers|students)|happy to take on",
    r"we (?:write|clean|print|repair|install|translate|plan|build|edit|move|train) [a-z][\w ]{3,40}(?:that|for|at|all over|within|in)",
    r"we (?:offer|provide|speciali[sz]e|deliver|design|supply|help (?:small|local|people|families|businesses|charities|companies|clients))",
    r"(?:we are )?a team of (?:experienced|professional|qualified|certified|expert) \w+",
    r"as an? (?:certified|professional|licensed|qualified) [\w ]{3,30} i",
    r"(?:professional|certified|experienced) (?:translator|writer|designer|photographer|coach|editor|tutor|cleaner|painter|plumber|electrician|astrologer|healer)s?",
    r"i (?:sell|offer|do (?:tarot|readings|logos?|websites?|translations?|tax returns?))",
    r"(?:businesses|anyone|anybody|everyone|those|people)[^.!?\n]{0,60}, i can help",
    r"(?:unsere|meine) (?:kleine )?(?:firma|agentur|team|werkstatt|praxis) (?:reinigt|bietet|macht|hilft|baut|liefert|erstellt|übernimmt|renoviert)",
    r"wir (?:bieten|reinigen|erstellen|liefern|übernehmen|renovieren)",
    r"(?:dem|der|denen) kann ich (?:gerne )?helfen",
    r"nuestr[ao] (?:empresa|agencia|equipo|estudio) (?:ofrece|hace|ayuda|realiza|limpia|diseña)",
    r"(?:ofrecemos|vendemos|somos un equipo de|vendo|oferecemos|fazemos|somos uma equipe de)",
    r"notre (?:équipe|société|agence|entreprise) (?:propose|offre|réalise|s'occupe|nettoie|vous aide)",
    r"nous (?:proposons|offrons|réalisons)",
    r"noss[ao] (?:empresa|agência|equipe) (?:oferece|faz|ajuda|limpa)",
    r"наша (?:компания|команда|фирма|студия|бригада) (?:делает|предлагает|занимается|поможет|выполняет|строит)",
    r"(?:мы )?предлагаем|(?:мы )?выполняем",
)
# What it costs, where to get it, and that there is no risk.
TERMS = _phrases(
    r"(?:the )?(?:quote|estimate|consultation|valuation|inspection|first (?:question|lesson|session|call|month)) is free",
    r"free (?:quotes?|estimates?|consultations?|inspections?|valuations?|samples?|places left|trial)",
    r"no win,? no fee|(?:no|without) obligation|references? available|no upfront (?:fees?|payment)|only take payment afterwards",
    r"(?:low|best|affordable|reasonable|half|cheapest) prices?|(?:my|our) (?:price list|prices|rates)|price list|half[- ]price|fast and cheap|cheap and fast",
    r"prices? on request|reasonable (?:fees?|rates?)|(?:fair|fixed) (?:fees?|rates?)|satisfaction guaranteed|(?:storage|delivery|shipping|installation) included|delivered (?:overnight|within)|delivery (?:in|within) an?|new (?:clients|customers)|very discreet|discreetly|all over (?:europe|the country|the world)",
    r"from \d+ (?:euros?|pounds?|dollars?)|(?:whole|entire) (?:county|region|country|city|area)|all languages|(?:this|only this) (?:week|month) only",
    r"unverbindlich\w*|kostenlose\w* (?:angebot|beratung|probe\w*)|günstig\w*|zum (?:kleinen|besten|fairen) preis|zum festpreis|in ganz [a-zäöü]+|trotz schufa|preisliste",
    r"presupuesto (?:gratis|gratuito)|sin compromiso|(?:buenos|bajos|mejores) precios|precios? (?:bajos?|económicos?)|en toda la (?:región|ciudad|zona)",
    r"petits? prix|(?:bas|meilleurs?) prix|devis gratuit|sans engagement|dans toute la région|sans garantie",
    r"orçamento (?:grátis|gratuito|sem compromisso)|sem compromisso|preços? (?:baixos?|acessíve\w+)|em toda a região",
    r"под ключ|выезд \w+ бесплатно|бесплатн\w+ (?:консультация|выезд|замер)|недорого|по (?:низким|хорошим) ценам|без предоплаты|скидк\w+",
)
# How to get in touch.
TURN_TO = _phrases(
    r"contact (?:me|us)|write (?:to )?(?:me|us)|(?:message|dm|inbox|text) (?:me|us)|(?:just )?send (?:me|us) a message|get in touch with|call (?:me|us)|(?:just )?ask (?:him|her|them)",
    r"nachricht an (?:mich|uns)|schreib(?:t|en sie)? (?:mir|uns)|meldet euch|(?:melden sie|meldet) sich",
    r"escr[ií]b[ae](?:me|nos)|cont[aá]ct[ae](?:me|nos)|m[aá]ndame un mensaje|contactez[- ](?:moi|nous)|écrivez[- ](?:moi|nous)",
    r"me cham[ae]|fal[ea] comigo|entre em contato|пишите|обращайтесь|звоните|свяжитесь с нами",
)
# A made-up name for a product or firm: two capitals in one word, or a name before a kind of product.
KNOWN_NAMES = (
    "YouTube|PayPal|WhatsApp|FaceTime|LinkedIn|TikTok|GitHub|GitLab|JavaScript|TypeScript|WordPress|PowerPoint|PowerShell|OpenOffice|LibreOffice|SoundCloud|DuckDuckGo|"
    "OpenStreetMap|BlueSky|PlayStation|MasterCard|HarperCollins|BuzzFeed|PostgreSQL|StackOverflow|AirBnB|FaceBook|ChatGPT|InDesign|FireFox|PhotoShop|HuffPost|ThinkPad|MacBook|AirPods|GoFundMe"
)
MADE_UP = re.compile(
    rf"(?<![^\W_])(?!(?:{KNOWN_NAMES}|(?:Mac|Mc|De|La|Le|Di|Du|Van|Fitz|Al|El)[A-Z]))[A-Z][a-z]{{2,}}[A-Z][a-z]{{2,}}(?![^\W_])"
)
WARES = (
    "[Cc]ollagen|[Ss]erum|[Ss]hampoo|[Ff]ilters?|[Ff]orte|[Tt]ea|[Pp]ads?|[Bb]races?|[Ii]nsoles?|[Aa]pp|[Mm]attress(?:es)?|[Dd]rops|[Cc]apsules|[Gg]ummies|[Pp]rogram(?:me)?|[Mm]ethod|[Pp]lans?|[Cc]onsultan(?:ts?|cy)|[Ss]upplements?|"
    "[Cc]ream|[Pp]latform|[Aa]cademy|[Aa]gency|[Tt]racing|[Ii]nsurance|[Pp]atches|[Tt]herapy|[Ss]olutions?|[Ii]nvestments?"
)
# At the start of a sentence every word has a capital; there the name must be followed by what the product
# did.
NAMED_WARE = re.compile(
    rf"(?<=[\w,] )[A-Z][\w-]{{3,20}}(?: [A-Z][\w-]{{2,20}}){{0,2}} (?:{WARES})(?![^\W_])|(?<![\w'’-])[A-Z][a-z]{{5,20}} (?:{WARES}) (?:stopped|cured|healed|saved|brought|changed)(?![^\W_])"
)
USED = re.compile(
    r"(?<![^\W_])(?:(?i:i (?:take|use|took|tried)|(?:have|with) my|started (?:taking|using|with)|(?:desde que )?(?:tomo|uso|utilizo)|(?:depuis que )?je (?:prends|utilise)|"
    r"(?:tropfen|kapseln|creme|salbe|app|matratzen?|tee|gotas|cápsulas|crema|gouttes|gélules|crème) (?:von|de|da|do|namens)) )[A-Z][a-zà-ÿ]{5,}(?![^\W_])"
)
HELPER = re.compile(
    r"(?<![^\W_])(?:Mr|Mrs|Ms|Miss|Dr|Doctor|Coach|Pastor|Curso de|curso de|course of|course by|Kurs von|cours de|Baba|Prophet|Sir|Madame|Monsieur|Maître|(?:la |el )?[Ss]eñora?|Sra?|Senhora?|Herr|Frau|Doña)\.? [A-ZÀ-Ý][\w-]+"
)
# Miracles: of health, love, money and documents. Each alternative counts once.
WONDERS = tuple(
    _phrases(text)
    for text in (
        r"(?:no (?:more|longer any)|never again) [\w ]{0,12}pains?|(?:ya )?no me duelen?|(?:keine|nie wieder) \w*schmerzen",
        r"(?:healed|cured) (?:it |me |him |her |my \w+ )?(?:completely|totally|for good|in|within)|(?:get|got) rid of (?:diabetes|herpes|cancer|arthritis|asthma|tinnitus)|without (?:medicine|surgery|a diet|any diet|exercise)|doctors do(?:n't| not) want you to know",
        r"(?:ten|twenty|thirty|\d+) years younger|(?:everybody|everyone|people) ask(?:ed|s)? (?:me )?what i (?:had done|did)|(?:can|could) walk (?:all day )?again",
        r"[^\W_]{1,20} kilos? (?:verloren|abgenommen|menos)|(?:lost|shed) \w+ (?:kilos?|pounds|kg)[^.!?]{0,30}without|ganz ohne (?:sport|diät)|sin (?:dieta|ejercicio)",
        r"(?:brought|bring|brings) (?:him|her|my (?:husband|wife|ex|lover)) (?:back|home)|most powerful (?:man|woman|healer|spell)",
        r"earn more in a (?:day|week|month) than|no longer worry about (?:bills|money|rent)|(?:pagar|pagué) todas mis deudas|(?:paid|pay) (?:off )?all my debts|let the market work|today i(?:'m| am) (?:debt[- ])?free",
        r"invierte por ti|invest(?:s|ed)? for (?:you|me)|recibes tus ganancias|my first earnings|(?:pays|paid) me (?:for|to) (?:watch|play|click|test)\w*|renda extra|ingresos extra|extra income|from (?:your|my) phone|pelo celular|desde (?:el|tu|mi) (?:móvil|celular)",
        r"anyone can do it|no experience (?:is )?needed|(?:three|four|five|six|ten|três|cinco|tres) (?:people|persons|pessoas|personas) (?:for|para) (?:my|the|a minha|mi|el) (?:team|equipe|equipo)",
        r"(?:make|made|making|earn) a (?:comfortable|good|decent|full) (?:living|income)[\w ]{0,40}(?:from|at) (?:home|my)|(?:from|at) my kitchen table|trabajo desde casa|travail à domicile|heimarbeit|(?:two|three|deux|dos|duas|zwei|\d) (?:hours|heures|horas|stunden) (?:a|par|al|por|am) (?:day|jour|día|dia|tag)",
        r"returned (?:\w+ ){1,3}per ?cent|room for (?:one|two|three|a few) more|(?:cinq|trois|quatre|five|three|fünf|drei) (?:personnes sérieuses|serious people)|saved (?:my|our) (?:family|marriage|life|house|business)|drowning in (?:\w+ ){0,3}debts?",
        r"(?:cheating|unfaithful)[^.!?]{0,40}(?:proof|phone|caught)|(?:open|unlock|hack|get into|read) (?:any|his|her|someone(?:'|’)s) (?:phone|account|messages)",
        r"pregnant after|(?:certificates?|diplomas?|degrees?|doctorates?) [\w ]{0,40}without (?:attending|studying|classes|exams)",
        r"got (?:all )?my money (?:back|returned)|prêt (?:de [\w ]+ )?en \d+ heures|(?:loan|crédito|kredit) (?:in|within|en) \d+ (?:hours|horas|stunden)",
        r"(?:licen[cs]e|certificate|degree|diploma|passport|visa) without (?:the|a|any) (?:test|exam|interview)|registered in the (?:system|database)|got my papers",
    )
)
# The turning point of a story.
TURNED = _phrases(
    r"(?:until|till|before) (?:i|we|my \w+) (?:found|tried|met|joined|discovered|started|got|bought)|since (?:i|we|my \w+) (?:switched|joined|found|started|discovered|changed)|thanks to|switched to",
    r"(?:brought|gave) (?:it|them|me|us)[\w ]{0,12} back|(?:has|have|is|are) gone|(?:has|have) (?:helped|cured|saved|healed) (?:me|my|us|our)|(?:it |the \w+ )stopped",
    r"hat (?:mir|meine[rm]? \w+|uns) geholfen|(?:geht|kann|läuft) wieder|bis ich|seit(?:dem)? ich|gracias a|desde que|hasta que|perdió el|grâce à|depuis que|jusqu'à ce que|graças a|até que|благодаря|с тех пор как",
)
# For products only: genuine comments say it of a teacher, too.
PRAISED_WARE = _phrases(
    r"changed my life|best (?:thing|purchase|decision)(?: that)? (?:i(?:'ve| have)? ever (?:bought|made)|of my life)|cost a (?:tenth|fraction) of|happy i am since|hat mein leben verändert|cambió mi vida|a changé ma vie|mudou minha vida"
)
URGES = _phrases(
    r"highly recommend(?:ed)?|tell (?:him|her|them) (?:that )?(?:i|\w+) sent you|ask me how|i can only (?:say|recommend)|(?:whole|entire) family is amazed|i was shocked|os lo recomiendo|recommend (?:it |them |him |her |this )?to (?:everyone|every ?body|anyone|any ?body|all)|i recommend every(?:one|body) to|can only recommend|ask for it by name|(?:should|must) (?:all )?(?:look up|try|contact)",
    r"(?:can|could) never thank (?:him|her|them)|serious and honest|ihr müsst unbedingt|(?:kann ich|ich kann) (?:\w+ )?nur (?:weiter)?empfehlen|l[oa]s? recomiendo a tod\w+|je (?:le |la |les )?recommande à tous|sérieux et honnête|recomendo a todos|рекомендую всем|советую всем",
)

# Such adverts are short. In a long text the parts occur together by coincidence.
LOOKED_AT = 2000
# A way to get in touch already counts as a call.
TWO_PARTS, ANOTHER_TERM, ANOTHER_PART, PRAISE_PART = 1.8, 0.9, 1.25, 0.8


def service_offer(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """Someone who sells, with terms.

    It weighs more with a way to get in touch, more terms, or praise before it.
    """
    text = analysis.text[:LOOKED_AT]
    firm, terms = FIRM.search(text), {match[0].casefold() for match in TERMS.finditer(text)}
    if not (firm and terms):
        return
    parts = bool(TURN_TO.search(text) or PRIVATELY.search(text)) + (len(terms) > 1)
    weight = TWO_PARTS + ANOTHER_TERM * parts + PRAISE_PART * bool(PRAISE_FIRST.match(text))
    yield Signal("service_offer", weight, marks=(firm[0], *sorted(terms)[:2]))


def testimonial(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """A miracle, and the name of who or what worked it.

    It weighs more with an urge to go there too, or praise before it.
    """
    text = analysis.text[:LOOKED_AT]
    wonders = [found[0] for pattern in WONDERS if (found := pattern.search(text))]
    ware = MADE_UP.search(text) or NAMED_WARE.search(text) or USED.search(text)
    if ware and (praised := PRAISED_WARE.search(text)):
        wonders.append(praised[0])
    named = ware or HELPER.search(text)
    if named and not wonders and (turned := TURNED.search(text)):
        wonders.append(turned[0])
    urge, turn = URGES.search(text), TURN_TO.search(text)
    parts = min(len(wonders), 2) + bool(named) + bool(urge or turn)
    if parts < 2 or not (wonders or (ware and urge)):
        return
    weight = TWO_PARTS + ANOTHER_PART * (parts - 2) + PRAISE_PART * bool(PRAISE_FIRST.match(text))
    yield Signal(
        "testimonial", weight, marks=tuple(part for part in (named and named[0], *wonders[:2]) if part)
    )
