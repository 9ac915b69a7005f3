"""Recognises signatures that email programs and phones add."""

import re

from notifications.inbound.known_text import key_of

DELIMITER = re.compile(r"-- ?$")
MAX_SIGNATURE_LINES = 10
LONGEST_SIGNATURE = 120

_DEVICE = (
    r"(?:i-?(?:phon|pad|pod)\w*|android|samsung|galaxy|huawei|honor|xiaomi|redmi|oppo|oneplus|pixel|nokia|motorola|blackberry|windows|outlook|yahoo|aol|"
    r"gmail|inbox|proton ?mail|proton|k-9|fairemail|thunderbird|spark|mailspring|fastmail|gmx|web\.de|1&1|t-online|freenet|posteo|mailbox\.org|"
    r"mail\.ru|myoffice|blue ?mail|bluemail|zoho|tuta(?:nota)?|hey|mail(?: app)?|apple|mac(?:book)?|ipad|edison|aqua|canary|airmail|shortwave|superhuman|alcatel|htc|appareil|newton|"
    r"nine|qq|foxmail|163|naver|daum|hotmail|live|orange|laposte|free|libero|tiscali|virgilio|ziggo|kpn|telia|telenor|seznam|wp|onet|o2|interia|"
    r"phone|smartphone|mobile|mobil\w*|cell\w*|tablet\w*|device|handy|telefon\w*|gerät|geraet|mobilgerät|téléphone|portable|móvil|movil|celular|"
    r"teléfono|telemóvel|tablette|cellulare|dispositivo\w*|telefono|telefoon|mobiel\w*|toestel|telefonu|telefonie|puhelim\w*|мобильн\w*|телефон\w*|"
    r"смартфон\w*|яндекс\w*|почт\w*|айфон\w*|телефону)"
)
# After the name of a device only related text may follow: a model, a system, a URL, an apology for brevity.
_REST = (
    r"(?:[’'`´-]?\w{0,12})"
    r"(?:[\s,.()/+-]*(?:\d[\w.]*|[a-z]\d\w*|ios|ipados|android\w*|windows|mac\w*|mail|email|e-mail|app|for|für|pour|para|per|voor|for|från|til|do|"
    r"auf|on|sur|en|su|op|no|pro|plus|max|mini|se|ultra|fe|note|lite|[45]g|lte|phone|smartphone|mobile|tablet|device|pc|octacore|galaxy|outlook|yahoo|för|для|na|på|su|de|la|claro|movistar|vodafone|telekom|meu|"
    r"iphone|ipad|with|mit|avec|con|com|met|från|the|my|k-9|using|via|an|a|at&t|verizon|t-mobile|wireless|network|powered|by|gesendet|"
    r"versendet|geschickt|gönderildi|senden|vzkaz|protonmail|proton|secure|securely|beta|gerät))*"
    r"[\s,.!]*(?:<\S*>|\(?https?://\S*\)?)?"
    r"(?:[,;] enjoy [^\n]{0,60})?(?:[\s,.;-]*(?:please |bitte |pardon|sorry|excus|veuillez|disculp|scus|verontschuldig|извин|entschuldig)[^\n]{0,80})?[\s.*_!]*$"
)
_FROM = (
    r"(?:sent|written|typed|composed) (?:from|via|using|with)(?: (?:my|the|an?))?|sent securely (?:from|with)|(?:get|download)(?= (?:outlook|yahoo|aol|spark|blue ?mail|proton|gmail))|"
    r"von (?:meinem|meiner)|von unterwegs(?: mit)?(?: meinem)?|diese (?:nachricht|e-?mail) wurde (?:von|mit)(?: meinem| meiner| dem)?|"
    r"gesendet (?:von|mit|über|aus)(?: meinem| meiner| der| dem)?|versendet (?:von|mit)(?: meinem)?|holen sie sich(?= outlook)|"
    r"envoy[ée]e? (?:de|depuis|à partir d[eu]|à partir de l['’]|avec|par|d['’])(?: (?:mon|ma|la|l['’]|le))?|(?:télécharger|obtenir|obtenez)(?= outlook)|"
    r"enviado (?:desde|do|da|de|por|via|a partir do|com|con)(?: (?:mi|meu|minha|el|o|a|la))?|(?:obtener|obter(?: o)?|obtenha o|descargar|baixar o)(?= outlook)|"
    r"inviat[oa] (?:da|dal|dalla|con)(?: (?:mio|il|mia))?|(?:scarica|ottieni)(?= outlook)|"
    r"(?:verzonden|verstuurd|gestuurd) (?:vanaf|vanuit|met|via|van)(?: (?:mijn|een|de|het))?|(?:outlook|download(?= outlook)) ?(?:voor)?|"
    r"wysłan[eo]\w* (?:z|ze|za pomocą)(?: (?:mojego|mojej))?|pobierz(?= outlook)|wiadomość wysłana z(?: mojego)?|"
    r"skicka(?:t|d|ts|des) (?:från|med|via)(?: (?:min|mitt))?|sendt (?:fra|via|med)(?: (?:min|mit|mitt))?|(?:hämta|hent)(?= outlook)|"
    r"lähetetty|hanki(?= outlook)|odesl[aá]no z(?: (?:mého|mojí))?|odoslan[eé] z(?: (?:môjho|mojej))?|"
    r"(?:отправлено|отослано|послано) (?:с|из|со|через)(?: (?:моего|моей|мобильного|мобильной))?|надіслано (?:з|із)(?: мого)?|изпратено от(?: моя)?|"
    r"trimis (?:de pe|din|de la|cu)(?: (?:al meu))?|küldve(?: az?)?|poslano (?:z|s|iz)(?: (?:mojega|mog|mojeg))?|"
    r"στάλθηκε από (?:το|τη)(?: \w+)?|enviat des d(?:el|e la|e)(?: (?:meu|meva))?|gửi từ|dikirim (?:dari|melalui)"
)
_SENT_FROM = re.compile(rf"(?:{_FROM})[\s:]*(?:[\w.’'-]{{1,15}} )?{_DEVICE}{_REST}", re.IGNORECASE)
# If the device comes before the verb, or without a space between the two.
_OTHERS = re.compile(
    r"(?:von (?:meinem|meiner) [\w -]{2,30}(?: mit [\w -]{2,20})? (?:gesendet|versendet|geschickt)"
    r"|diese nachricht wurde von meinem [\w .-]{2,60} (?:gesendet|versendet)|von (?:samsung|android|huawei|iphone|ipad|xiaomi)[\w -]{0,20} gesendet"
    r"|envoyé avec la messagerie sécurisée proton ?mail|wysłan[eo] z aplikacji poczta w systemie windows"
    r"|(?:yahoo mail|outlook) - (?:android|ios)['’]?\w{0,4} gönderildi|(?:android|ios)['’]?\w{0,4} outlook['’]\w{1,3} edinin|ios için outlook uygulamasını edinin"
    r"|outlook for (?:ios|android)\s*を入手\S{0,20}|(?:네이버|다음|카카오) 메일 앱에서 보냈습니다"
    r"|sent from my (?=[^\n]*\d)(?-i:[A-Z][\w+-]*(?: [A-Z0-9][\w+-]*){0,3})"
    r"|i(?:phone|pad)['’]?[ıiuü]?m?dan gönderildi|(?:iphone|ipad|android|samsung|(?:mobil ?|cep ?)?telefon)\S{0,14} gönderildi|στάλθηκε από το (?:iphone|ipad|android|κινητό|samsung)(?: μου)?|lähetetty (?:iphone|ipad|android|samsung|puhelim|outlook)\S{0,14}"
    r"|(?:iphone|ipad|android|outlook|yahoo!?(?:メール)?|スマートフォン|スマホ|gmail)\s*(?:for \w+\s*)?(?:から|より)(?:の)?(?:送信|送信しました)"
    r"|(?:私の|マイ)?\s*(?:iphone|ipad|android)\s*から送信(?:されました)?|(?:ios|android)\s*(?:版|用)?\s*(?:の)?\s*outlook\s*(?:を入手|をダウンロード)\S{0,80}"
    r"|(?:发自|發自|来自|來自|从|從|傳送自|寄自|发送自)\s*(?:我的|我|手机)?\s*(?:iphone|ipad|android|安卓|华为|小米|荣耀|vivo|oppo|手机|手機|qq|网易|outlook|foxmail|huawei|mi|windows|三星|samsung|yahoo)[^\n。！？]{0,24}"
    r"|(?:从|從)我的\s*\S{2,20}\s*(?:发送|發送|傳送)|获取\s*outlook\S{0,40}|取得\s*outlook\S{0,40}|(?:发自|發送自)我的\s*\S{2,20}"
    r"|(?:나의|내)?\s*(?:iphone|ipad|android|갤럭시|삼성|samsung|휴대폰|outlook)\S{0,8}\s*(?:에서|으로)\s*(?:보냄|전송|발송)\S{0,6}"
    r"|(?:تم الإرسال|أُرسلت|أرسلت|مرسل|مُرسل|تم إرساله|تم إرسالها)\s+(?:من|بواسطة|عبر)\s+[^\n.،]{2,40}"
    r"|נשלח (?:מ|מה|מן)[-־]?\s?(?:ה)?[-־]?(?:iphone|ipad|android|סלולרי|נייד)\S{0,10}(?: שלי)?|ส่งจาก\s?\S{2,30}"
    r"|envoyé de mon \S{2,20}|verstuurd vanaf mijn \S{2,20})[\s.]*(?:<\S*>)?[\s.]*$",
    re.IGNORECASE,
)


def is_added_by_a_machine(line: str) -> bool:
    """Whether a whole line is an email program's signature: it names a device, and says nothing else."""
    bare = line.strip().strip("*_ ​­([")
    bare = bare if bare.endswith((">", "/")) or "(http" in bare else bare.rstrip(")]").lstrip("<")
    return len(bare) <= LONGEST_SIGNATURE and bool(_SENT_FROM.match(bare) or _OTHERS.match(bare))


def without_signature(lines: list[str], marked: str | None = None) -> list[str]:
    """Remove a signature at the end: below "-- " (RFC 3676, 4.3), or a known automatic one.

    marked: what the email's HTML marks as a signature, if anything. Gmail may put it there without "-- ",
    with a logo.
    """
    for at, line in enumerate(lines):
        # A rule between two paragraphs is in the middle; a signature has few lines.
        if DELIMITER.fullmatch(line) and sum(map(bool, lines[at + 1 :])) <= MAX_SIGNATURE_LINES:
            lines = lines[:at]
            break
    lines = without_blank_ends(lines)
    if marked is not None:
        lines = _without_marked(lines, key_of(marked))
    while lines and is_added_by_a_machine(lines[-1]):
        lines = without_blank_ends(lines[:-1])
    return lines


def _without_marked(lines: list[str], signature: str) -> list[str]:
    """Remove the last lines if they equal the signature.

    If that has no text, remove the name of its picture.
    """
    if not signature:
        is_picture = bool(lines) and lines[-1].strip() and not key_of(lines[-1])
        return without_blank_ends(lines[:-1]) if is_picture else lines
    ending = ""
    for at in range(len(lines) - 1, -1, -1):
        ending = key_of(lines[at]) + ending
        if ending == signature:
            while at and not key_of(lines[at - 1]) and lines[at - 1].strip():  # its picture above the name
                at -= 1
            return without_blank_ends(lines[:at])
        if not signature.endswith(ending):
            break
    return lines


def without_blank_ends(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines
