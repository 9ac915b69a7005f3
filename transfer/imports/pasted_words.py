"""The words for authors, comment counts and buttons of blogs, in many languages."""

import re

from transfer.imports.pasted_dates import SHORT_WEEKDAYS

# "Per says:", "Per schrieb am …", "Per a dit…", for each language.
_SAYS = (
    "says|said|wrote|writes|commented",
    "sagte?|schrieb|schreibt|hat gesagt|hat geschrieben|meinte?|kommentierte?",
    "dit|a dit|a écrit|écrit",
    "dice|dijo|escribió|comentó|ha dicho",
    "ha detto|ha scritto|scrive",
    "diz|disse|escreveu|comentou",
    "zegt|zei|schreef",
    "säger|skriver|sade|skrev|siger|sagde|sier",
    "sanoo|sanoi|kirjoitti",
    "pisze|mówi|powiedział(?:\\(?a\\)?)?",
    "říká|napsal(?:\\(?a\\)?)?|řekl(?:a|\\(a\\))?(?:…)?",
    "пишет|написал(?:\\(?а\\)?)?|говорит|сказал(?:\\(?а\\)?)?|комментирует",
    "dedi ki|diyor ki",
)
_ON = "on|am|le|el|il|em|op|den|dne|dnia"
SAYS = re.compile(
    rf"^(.{{1,80}}?) (?:{'|'.join(_SAYS)})(?!\w)[ :,.…]*(?:(?:{_ON})\b)?\s*(.*)$"
    r"|^(.{1,80}?) ?(?:より|さんのコメント|のコメント|说道|說道|说|說)\s?[:：]\s*(.*)$",
    re.IGNORECASE,
)
SAYS_ALONE = re.compile(rf"^(?:{'|'.join(_SAYS)}|より|说道|說道|说|說)?\s?[:：]?$", re.IGNORECASE)
# "by Per", after a date.
BY_WORDS = "by|von|par|por|di|da|door|av|af|przez|от"
BY = re.compile(rf"[0-9,|·]*(?:^| )(?:{BY_WORDS}) ([^|·•]{{1,60}}?)\s*(?:[|·•].*)?$", re.IGNORECASE)
_POSTED_WORDS = (
    "(?:submitted|posted|published|written)(?: by)?|(?:gespeichert|geschrieben|veröffentlicht|verfasst|kommentiert)(?: von)?|"
    "(?:soumis|publié|posté|rédigé|écrit)(?: par)?|(?:enviado|publicado|escrito)(?: por)?|(?:inviato|pubblicato|scritto)(?: da)?|"
    "(?:gepubliceerd|geplaatst|geschreven|ingezonden)(?: door)?|(?:publicerat|inskickat|skrivet)(?: av)?|(?:skrevet|postet)(?: af| av)?|"
    "(?:опубликовано)"
)
# Words before a name or a date that belong to neither.
BEFORE_NAME = re.compile(
    rf"^(?:#?[0-9]{{1,4}}[.:)]?(?: |$)(?:- )?)?(?:(?:{_POSTED_WORDS}|by|par|por|door|przez|от)(?: :|\b:?) ?)?",
    re.IGNORECASE,
)
BEFORE_DATE = re.compile(
    rf"(?:^|[ ,(|·•–—-])(?:(?:{_ON})(?: (?:{SHORT_WEEKDAYS}))?|at|posted|publié|publicado|veröffentlicht|geschrieben|pubblicato|geplaatst)$",
    re.IGNORECASE,
)
PARTED = re.compile(r"\s*(?:\||·|•|—|–|, | - )\s*$")
POSTED = re.compile(rf"^(?:(?:{_POSTED_WORDS})\b|by\b)", re.IGNORECASE)
REPLIES_TO = re.compile(
    r"^(?:In reply to|Replying to|Reply to|(?:Als )?Antwort auf|En réponse à|(?:En )?respuesta a|In risposta a|Em resposta a|"
    r"(?:Als )?antwoord op|Som svar (?:på|til)|W odpowiedzi (?:do|na)|В ответ на|@)\s*([^:,\n]{1,60})[:,]?\s*",
    re.IGNORECASE,
)
_COMMENTS = (
    "comments?|responses?|replies|reply|thoughts?|kommentare?n?|antworten|gedanken?|reaktionen|commentaires?|réponses?|réflexions?|"
    "pensées?|comentarios?|respuestas?|pensamientos?|comentários?|respostas?|pensamentos?|opiniões|opinião|commenti|commento|risposte|"
    "risposta|pensieri|reacties?|opmerkingen|gedachten?|kommentarer|kommentar|svar|tankar|tanker|kommenttia|komentarz[ey]?|komentarzy|"
    "odpowiedzi|komentář[eů]?|комментари[йяев]+|ответ(?:а|ов)?|мысл(?:ь|и|ей)|yorum"
)
_NUMBERS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|no|ein|eine|einen|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|keine|"
    "un|une|deux|trois|quatre|cinq|sept|huit|neuf|dix|aucun|una?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|uno|due|tre|"
    "quattro|cinque|sei|sette|otto|nove|dieci|uma?|dois|duas|três|quatro|sete|oito|dez|een|twee|drie|vijf|zes|zeven|negen|tien"
)
# The line at which the comments start.
COUNT = re.compile(
    rf"^(?:(?:[0-9]{{1,5}}|{_NUMBERS}) (?:{_COMMENTS})\b.{{0,150}}|(?:{_COMMENTS}) ?(?:[:(] ?[0-9]+\)?)?:?|"
    r".{0,120}[0-9]{1,5} ?(?:件のコメント|件のフィードバック|个想法|個想法|条评论|則留言|篇留言|条回复|則回應)[:：]?)$",
    re.IGNORECASE,
)
CLOSES = re.compile(
    r"^(?:leave a (?:reply|comment)|post a comment|add a comment|your email address will not be published|"
    r"schreiben? Sie einen kommentar|schreibe einen kommentar|kommentar (?:veröffentlichen|schreiben|hinterlassen|verfassen)|"
    r"(?:hinterlasse|hinterlassen Sie) (?:einen kommentar|eine antwort)|deine e-mail-adresse wird nicht|"
    r"laisser un commentaire|laisser une réponse|enregistrer un commentaire|ajouter un commentaire|poster un commentaire|votre adresse (?:e-mail|de messagerie) ne sera|"
    r"dej(?:a|e) (?:una respuesta|un comentario)|publicar un comentario|agregar un comentario|tu dirección de correo|"
    r"lascia un(?:a risposta| commento)|posta un commento|il tuo indirizzo email non|"
    r"deixe (?:uma resposta|um comentário)|postar um comentário|enviar um comentário|o seu endereço de|"
    r"geef een reactie|laat een reactie achter|een reactie posten|(?:je|het) e-mailadres wordt niet|"
    r"lämna (?:ett svar|en kommentar)|skicka en kommentar|skriv (?:et svar|en kommentar)|send en kommentar|legg (?:igjen|inn) en kommentar|"
    r"jätä kommentti|lähetä kommentti|dodaj komentarz|prześlij komentarz|zostaw odpowiedź|napsat komentář|okomentovat|"
    r"добавить комментарий|отправить комментарий|оставить комментарий|ваш e-mail не будет|コメントを(?:残す|投稿)|发表(?:评论|回复)|發佈留言|張貼留言)",
    re.IGNORECASE,
)
_BUTTON_WORDS = (
    "reply|reply to this|edit|delete|report|quote|share|like|permalink|link|log in to reply|\\(edit\\)|"
    "antworten|auf diesen kommentar antworten|bearbeiten|löschen|zitieren|melden|teilen|gefällt mir|"
    "répondre|répondre à ce commentaire|modifier|supprimer|signaler|citer|partager|j’aime|"
    "responder|editar|eliminar|borrar|citar|compartir|denunciar|excluir|rispondi|elimina|modifica|segnala|"
    "beantwoorden|reageer|reageren|antwoord|bewerken|verwijderen|svara|svar|redigera|ta bort|slett|slet|rediger|vastaa|poista|"
    "odpowiedz|usuń|edytuj|odpovědět|odstranit|ответить|удалить|返信|返信する|削除|回复|回覆|删除|刪除|yanıtla"
)
# Buttons and counts, which are not anyone's text.
BUTTONS = re.compile(
    rf"^(?:{_BUTTON_WORDS}|#?[0-9]{{1,4}}\.?|(?:[0-9]+) (?:{_COMMENTS})|[0-9]+ thoughts on .*|leave a (?:reply|comment).*|comments?:?|[↓↑])\s*↓?$",
    re.IGNORECASE,
)


def who_said(line: str) -> str:
    """The name in "Per says:", or ""."""
    found = SAYS.match(line)
    return (found[1] or found[3]).strip() if found else ""


def without_ends(before: str) -> str:
    """The text before a date, without the words that only introduce it: "Per, on", "Per |"."""
    before, seen = before.strip(" (|·•-–—,"), ""
    while before != seen:
        seen = before
        before = PARTED.sub("", BEFORE_DATE.sub("", before)).strip(" ,|")
    return before
