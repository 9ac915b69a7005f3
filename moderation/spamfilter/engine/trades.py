"""Firms that advertise everywhere, in nine languages: as a name, and as a line under praise.

No trades after which people are named, such as "Schlosser" or "Baker".
"""

import re

from moderation.spamfilter.engine.letters import CJK, WORD
from moderation.spamfilter.engine.phrases import find_phrase, phrases_of

TRADES = phrases_of(
    " locksmith| plumber| plumbing| gutter| roof cleaning| roof repair| roofing| carpet cleaning| house clearance| removals| pest control| drain| seo | web design| backlink| payday| loans| casino| escort| spell caster| "
    "recovery expert| recovery service| hacker| vashikaran| astrologer| psychic| taxi| airport transfer| car rental| car hire| towing| garage door| water damage| appliance repair| dental clinic| personal injury| moving company| duct cleaning| tree removal| bail bonds",
    " schlüsseldienst| rohrreinigung| umzugsfirma| umzugsunternehmen| umzüge| entrümpelung| dachreinigung| dachrinnenreinigung| gebäudereinigung| teppichreinigung| kammerjäger| schädlingsbekämpfung| abschleppdienst| autoankauf| kredite ohne| sofortkredit| "
    "detektei| kanalreinigung| wohnungsauflösung| reinigungsfirma| flughafentransfer| zahnklinik| wahrsager| hellseher",
    " cerrajero| cerrajería| fontanero| desatascos| mudanzas| limpieza de| control de plagas| fumigaciones| grúas| préstamos| reformas integrales| abogados| clínica dental| alquiler de coches| posicionamiento web| detectives| tarot| amarres| videncia| reparación de",
    " serrurier| serrurerie| plombier| plomberie| débouchage| déménageur| déménagement| nettoyage| dératisation| désinsectisation| dépannage| dépanneur| rachat de crédit| référencement| voyance| marabout| location voiture| rénovation| épaviste| vitrier",
    " chaveiro| desentupidora| encanador| mudanças| dedetizadora| dedetização| limpeza de| guincho| empréstimos| reformas| aluguel de carros| detetive| tarô| amarração| acompanhantes| conserto de| assistência técnica| desentupimento",
    " натяжные потолки| сантехник| вскрытие замков| грузоперевозки| переезды| эвакуатор| ремонт квартир| ремонт холодильник| ремонт стиральн| купить диплом| диплом | дипломы| кредит| займ| казино| клининг| дезинсекция| продвижение сайт| окна пвх| пластиковые окна| проститутк| эскорт| гадалка| приворот| такси",
    "شركة تنظيف|شركة نقل|نقل عفش|نقل أثاث|تنظيف خزانات|مكافحة حشرات|كشف تسربات|تسليك مجاري|فتح أقفال|عزل أسطح|سباك|قروض|كازينو|جلب الحبيب|شيخ روحاني|تأجير سيارات|صيانة مكيفات|شراء أثاث",
    "通下水道|疏通|开锁|搬家公司|保洁公司|贷款|办证|代开发票|代办|装修公司|防水补漏|空调维修|家电维修|网站优化|娱乐城|赌场|博彩|私家侦探|回收公司|管道疏通|除甲醛",
    "水漏れ|水道修理|水のトラブル|鍵開け|鍵屋|鍵交換|不用品回収|遺品整理|引越センター|害虫駆除|シロアリ|ハウスクリーニング|買取センター|即日融資|カジノ|占い師|復縁|探偵事務所|雨漏り修理|排水管",
)  # fmt: skip
# Price and urgency, as in names in directories of firms.
DIRECTORY = phrases_of(
    " cheap| budget| emergency| urgent| urgence| urgencias| срочн|طوارئ|急修|緊急| affordable| best price| 24h| 24 hour| near me| billig| günstig| 24 stunden| barato| barata| baratos| económic| 24 horas| pas cher| discount| 24h sur| дёшево| дешево| недорого| круглосуточно|رخيص|أرخص|24 ساعة|便宜|低价|24小时|格安|激安|最安|24時間",
)  # fmt: skip
# Praise and thanks that would fit any post.
THANKS = phrases_of(
    " thank you for| thanks for| lovely read| great read| nice post| great post| great article| well written| come back| keep it up| so helpful| good read| beautiful post| interesting read",
    " vielen dank| danke für| schöner beitrag| toller beitrag| guter artikel| komme gerne| sehr hilfreich| klare worte| klaren worte| weiter so| interessanter",
    " gracias por| muy buen| artículo| volveré| muy interesante| muy útil| excelente| me ha encantado",
    " merci pour| merci beaucoup| bel article| très bel| très bon| excellent article| reviendrai| très intéressant| très utile",
    " obrigado por| obrigada por| muito bonito| muito bom| ótimo| excelente| voltarei| muito interessante| muito útil| adorei",
    " спасибо за| хорошая статья| отличная статья| отличный| полезная| полезно| интересно| зайду ещё| загляну ещё| понятное объяснение",
    "شكرا على|شكرا لك|مقال جميل|مقال رائع|موضوع رائع|سأعود|مفيد جدا|شكرا جزيلا",
    "谢谢分享|感谢分享|写得真好|写得很好|讲得很清楚|受教了|很有用|还会再来|学习了",
    "ありがとうございます|素敵な記事|わかりやすい|参考になり|勉強になり|また読みに来|また来ます|良い記事",
)  # fmt: skip
# How people end a letter, and words that make a line a phrase about someone.
CLOSING = re.compile(
    r"(?<![^\W_])(?:the|a|an|my|our|from|love|yours|greetings|regards|cheers|best wishes|der|die|das|dein|euer|deine|eure|grüße|gruß|liebe|lg|vg|aus|el|la|los|un|una|saludos|abrazos?|desde|le|les|un|une|ton|ta|"
    r"cordialement|amicalement|bises|bisous|depuis|o|os|abraços?|beijos|привет|ваш|ваша|с уважением|из|تحياتي|مع تحيات|من|此致|よろしく|より|祝)(?![^\W_])",
    re.IGNORECASE,
)
# Words for people of a trade or for a place: someone's nickname, if hardly anything else is said.
OF_PEOPLE = frozenset(
    "plumber taxi hacker psychic astrologer casino drain towing cerrajero fontanero detectives tarot serrurier plombier vitrier marabout chaveiro encanador detetive tarô guincho сантехник такси гадалка سباك".split()
)
MAX_WORDS, MAX_SIGNS = 8, 24


def trade_in(line: str) -> str:
    """The trade that a name or a line of a few words names, or ""."""
    spoken, count = _spoken(line)
    found = find_phrase(spoken, TRADES)
    return "" if found in OF_PEOPLE and count < 3 else found


def names_price_or_hurry(line: str) -> bool:
    """Whether it has three words or more, one of them of price or urgency: "Emergency Glazier Leeds"."""
    spoken, count = _spoken(line)
    return bool(find_phrase(spoken, DIRECTORY)) and (count >= 3 or bool(CJK.search(line)))


def _spoken(line: str) -> tuple[str, int]:
    """The words of a line as find_phrase needs them, and how many; nothing of a long or personal line."""
    words = WORD.findall(line.casefold())
    is_short = 2 <= len(words) <= MAX_WORDS or (bool(CJK.search(line)) and 4 <= len(line) <= MAX_SIGNS)
    return (f" {' '.join(words)} ", len(words)) if is_short and not CLOSING.search(line) else ("", 0)


def is_thankful(spoken: str) -> bool:
    return bool(find_phrase(spoken, THANKS))
