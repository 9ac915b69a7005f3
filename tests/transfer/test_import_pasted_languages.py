"""Importing a pasted page: names, dates and times in other languages and blog systems."""

import pytest

from transfer.imports.pasted import date_in, recognise_page


@pytest.mark.parametrize(
    "text",
    [
        "am 25. April 2012 um 18:25 Uhr", "Mi., 25.04.2012 - 18:25", "mercredi 25 avril 2012 à 18 h 25 min", "25 avril 2012 à 18h25",
        "25 de abril de 2012 a las 18:25", "abril 25, 2012 a las 6:25 p. m.", "Miércoles, 25 abril, 2012, 18:25",
        "25 aprile 2012 alle 18:25", "25 de Abril de 2012 às 18:25", "25 april 2012 om 18:25", "den 25 april 2012 kl. 18:25",
        "25. huhtikuuta 2012 klo 18.25", "25 kwietnia 2012 o 18:25", "25. dubna 2012 v 18:25", "25 апреля 2012 г. в 18:25",
        "2012年4月25日 下午6:25", "2012年4月25日18:25", "2012. 4. 25. 오후 6:25", "25/04/2012 18:25", "4/25/2012 6:25 PM", "2012/04/25 18:25",
    ],
)  # fmt: skip
def test_dates_of_other_languages_are_read(text):
    assert f"{date_in(text):%Y-%m-%d %H:%M}" == "2012-04-25 18:25"


def test_a_name_that_is_the_short_name_of_a_day_elsewhere_stays_a_name():
    page = recognise_page("Brot\n\nMehl.\n\nSam, April 26, 2012\nSchön.\n\nMar, 27 April 2012\nGut.")
    assert [one.name for one in page.comments] == ["Sam", "Mar"]


def test_a_date_that_could_be_two_is_read_as_its_clock_suggests():
    assert [f"{date_in(text):%m-%d}" for text in ("4/5/2012 6:25 PM", "4/5/2012 18:25")] == ["04-05", "05-04"]


# How each displays the same two comments: by Per on the 26th at 18:25, by Eva on the 27th at 9:05.
PAGES = {
    "German WordPress": """Brot
Veröffentlicht am 25. April 2012 von Ida

Mehl.

2 Gedanken zu „Brot“

Per sagt:
26. April 2012 um 18:25 Uhr
Schön.
Antworten
Eva schrieb am 27. April 2012 um 9:05 Uhr:
Am 1. Mai 2012 backe ich.

Schreibe einen Kommentar
Deine E-Mail-Adresse wird nicht veröffentlicht.""",
    "German Blogger": """Brot
Von Ida am 25. April 2012

Mehl.

2 Kommentare:

Per hat gesagt…
Schön.
26. April 2012 um 18:25
Eva hat gesagt…
Am 1. Mai 2012 backe ich.
27. April 2012 um 09:05
Kommentar veröffentlichen""",
    "German Drupal": """Brot
Gespeichert von Ida am Mi., 25.04.2012 - 18:00
Mehl.

Kommentare

Enviado por Per el Jue, 26/04/2012 - 18:25
Schön.
Antworten
Submitted by Eva on Fri, 04/27/2012 - 9:05 am
Am 1. Mai 2012 backe ich.""",
    "French WordPress": """Brot
Publié le 25 avril 2012 par Ida

Mehl.

2 réflexions sur « Brot »

Per dit\xa0:
26 avril 2012 à 18\xa0h\xa025\xa0min
Schön.
Répondre
Eva a dit :
27 avril 2012 à 9 h 05 min
Am 1. Mai 2012 backe ich.
Répondre
Laisser un commentaire""",
    "Dotclear": """Brot
Par Ida le mercredi 25 avril 2012, 18:00

Mehl.

Commentaires
1. Le jeudi 26 avril 2012, 18:25 par Per
Schön.
2. Le vendredi 27 avril 2012, 09:05 par Eva
Am 1. Mai 2012 backe ich.""",
    "French TypePad": """Brot
Publié le 25 avril 2012 par Ida
Mehl.

Commentaires

Schön.

Rédigé par : Per | le 26 avril 2012 à 18:25

Am 1. Mai 2012 backe ich.

Rédigé par : Eva | le 27 avril 2012 à 09:05""",
    "Spanish Blogger": """Brot
Publicado por Ida el 25 de abril de 2012
Mehl.

2 comentarios:

Per dijo...
Schön.
26 de abril de 2012, 18:25
Eva dijo...
Am 1. Mai 2012 backe ich.
27 de abril de 2012 a las 9:05
Publicar un comentario""",
    "Italian WordPress": """Brot
25 aprile 2012 di Ida
Mehl.

2 pensieri su “Brot”

Per ha detto:
26 aprile 2012 alle 18:25
Schön.
Rispondi
Eva scrive:
27 aprile 2012 alle 09:05
Am 1. Mai 2012 backe ich.
Rispondi
Lascia un commento""",
    "Dutch": """Brot
Geplaatst op 25 april 2012 door Ida
Mehl.

2 reacties op “Brot”

Per schreef op 26 april 2012 om 18:25:
Schön.
Beantwoorden
Eva zegt:
27 april 2012 om 09:05
Am 1. Mai 2012 backe ich.
Geef een reactie""",
    "Portuguese": """Brot
Publicado por Ida em 25 de abril de 2012
Mehl.

2 comentários:

Per disse...
Schön.
26 de abril de 2012 às 18:25
Eva disse...
Am 1. Mai 2012 backe ich.
27 de abril de 2012 às 09:05
Postar um comentário""",
    "Swedish": """Brot
Publicerat den 25 april 2012 av Ida
Mehl.

2 kommentarer

Per skriver:
den 26 april 2012 kl. 18:25
Schön.
Svara
Eva
27 april 2012 kl 09:05
Am 1. Mai 2012 backe ich.
Lämna ett svar""",
    "Russian": """Brot
25 апреля 2012 от Ida
Mehl.

2 комментария

Per пишет:
26 апреля 2012 в 18:25
Schön.
Ответить
Eva говорит:
27.04.2012 в 09:05
Am 1. Mai 2012 backe ich.
Добавить комментарий""",
    "Japanese": """Brot
2012年4月25日 by Ida
Mehl.

「Brot」への2件のフィードバック

Perより:
2012年4月26日 6:25 PM
Schön.
返信
Evaより:
2012年4月27日 9:05 AM
Am 1. Mai 2012 backe ich.
返信
コメントを残す""",
    "the name behind the date": """Brot
April 25, 2012 by Ida
Mehl.

2 comments

On April 26, 2012 at 6:25 pm, Per said:
Schön.
On April 27, 2012 at 9:05 am Eva wrote:
Am 1. Mai 2012 backe ich.""",
}


@pytest.mark.parametrize("maker", PAGES)
def test_pages_in_other_languages_are_recognised(maker):
    page = recognise_page(PAGES[maker])
    said = [(one.name, f"{one.written_at:%d %H:%M}", one.text) for one in page.comments]
    assert (page.title, page.author, f"{page.written_at:%Y-%m-%d}", page.text, said) == (
        "Brot",
        "Ida",
        "2012-04-25",
        "Mehl.",
        [("Per", "26 18:25", "Schön."), ("Eva", "27 09:05", "Am 1. Mai 2012 backe ich.")],
    )


def test_comments_in_lists_of_terms_are_found_by_their_lines_and_the_post_by_its_elements():
    """As in older Blogger templates: the author in one element, the text in the next."""
    page = recognise_page(
        '<html><body><h1>Notes of Ida</h1><h3 class="post-title">Brot</h3><div class="post-body"><p>Mehl.</p></div>'
        '<h4>2 Kommentare:</h4><dl><dt class="comment-author" id="c1234567">Per hat gesagt&#8230;</dt><dd><p>Schön.</p></dd>'
        "<dd>26. April 2012 um 18:25</dd><dt class='comment-author' id='c1234568'>Eva hat gesagt&#8230;</dt><dd><p>Danke.</p></dd>"
        "<dd>27. April 2012 um 09:05</dd></dl></body></html>"
    )
    assert (page.text, [(one.name, one.written_at.day, one.text) for one in page.comments]) == (
        "Mehl.",
        [("Per", 26, "Schön."), ("Eva", 27, "Danke.")],
    )


def test_a_french_page_of_wordpress_keeps_no_verb_in_its_names():
    page = recognise_page(
        '<ol><li class="comment" id="comment-1"><cite class="fn">Per</cite> <span class="says">dit&nbsp;:</span>'
        '<div class="comment-meta">26 avril 2012 à 18 h 25 min</div><p>Schön.</p><a>Répondre</a></li></ol>'
    )
    assert [(one.name, f"{one.written_at:%d %H:%M}", one.text) for one in page.comments] == [
        ("Per", "26 18:25", "Schön.")
    ]
