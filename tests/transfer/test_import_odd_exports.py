"""WordPress exports with faults of real blogs: one thing is repaired and reported, the rest is imported."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError
from django.db import IntegrityError

from accounts.models import User
from comments.models import Comment
from core.markup.plain import plain_text
from posts.models import Post, Tag
from tests.factories import make_host
from tests.transfer.exporter import HEAD, TAIL, author, comment, export, item, write
from tests.transfer.test_import_wordpress import everything, outline, run
from transfer.wordpress import importer
from transfer.wordpress.repair import XmlRepairer, take_marks

pytestmark = pytest.mark.django_db
DONE = "1 post, 2 comments by 1 guest imported; 0 skipped."


@pytest.fixture
def bring(tmp_path):
    """Import a text as a file; return the command's output. A dry run before it must say the same."""

    def imported(text: str | bytes, **options: object) -> list[str]:
        path = tmp_path / "export.xml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        would = run(path, dry_run=True, **options)
        assert not Comment.objects.exists()
        lines = run(path, **options)
        assert [line.replace("Created the", "Would create the") for line in lines[:-1]] == would[:-1]
        assert lines[-1].replace(" imported", " would be imported", 1) == would[-1]
        return lines

    return imported


def repairs(lines: list[str]) -> list[str]:
    return [line for line in lines[:-1] if not line.startswith("Created the member")]


TWO = (comment(1, "one"), comment(2, "two", comment_parent=1))


def test_an_export_as_wordpress_writes_it_comes_whole(bring):
    reply = comment(
        3, "mine", comment_author="Ida", comment_author_email="ida@example.org", comment_user_id=1
    )
    lines = bring(export(item(10, *TWO, reply), item(11, post_name="two", title="Second & last")))
    assert repairs(lines) == []
    assert lines[-1] == "2 posts, 3 comments by 1 guest and 1 member imported; 0 skipped."
    assert outline() == [(0, "one"), (1, "two"), (0, "mine")]
    assert Comment.objects.get(body="one").created_at == datetime(2012, 4, 26, 10, 0, 1, tzinfo=UTC)
    assert Comment.objects.get(body="mine").author == User.objects.get(email="ida@example.org")
    assert sorted(Post.objects.values_list("title", "slug")) == [
        ("On bread", "on-bread"),
        ("Second & last", "two"),
    ]
    assert list(Tag.objects.values_list("name", "slug")) == [("Kitchen", "kitchen")]


@pytest.mark.parametrize("wp", ["https://wordpress.org/export/1.2/", "http://wordpress.org/export/1.0/", "http://wordpress.org/export/1.1/",
                                "https://www.wordpress.org/export/1.3/", "HTTPS://WordPress.org/export/1.2", ""])  # fmt: skip
def test_the_name_of_the_format_may_be_written_in_every_way(bring, wp):
    old = '\txmlns:wp="http://wordpress.org/export/1.2/"\n'
    assert (
        bring(export(item(10, *TWO), head=HEAD.replace(old, f'\txmlns:wp="{wp}"\n' if wp else "")))[-1]
        == DONE
    )


def test_other_short_names_for_the_same_format_are_read(bring):
    text = (
        export(item(10, *TWO))
        .replace("xmlns:wp=", "xmlns:ns0=")
        .replace("<wp:", "<ns0:")
        .replace("</wp:", "</ns0:")
    )
    assert bring(text)[-1] == DONE


def test_an_export_without_its_version_is_one_all_the_same(bring):
    assert (
        bring(export(item(10, *TWO), head=HEAD.replace("\t<wp:wxr_version>1.2</wp:wxr_version>\n", "")))[-1]
        == DONE
    )


@pytest.mark.parametrize(("text", "said"), [
    ("\n\n" + export(item(10, *TWO)), []),
    ("\ufeff" + export(item(10, *TWO)), []),
    ("\n\ufeff" + export(item(10, *TWO)), []),
    ("\ufeff \r\n\t" + export(item(10, *TWO)), []),
    (HEAD.replace('<?xml version="1.0" encoding="UTF-8" ?>\n', "") + author() + item(10, *TWO) + TAIL, []),
    ("<br />\n<b>Warning</b>: foo() in /x.php on line 3<br />\n" + export(item(10, *TWO)), ["Text before <rss> is ignored."]),
    (export(item(10, *TWO)) + "\n\n<!-- Dynamic page generated in 0.3 seconds. -- -->\n", []),
    (export(item(10, *TWO)) + "<br />\n<b>Notice</b>: x", ["Text after </rss> (line 145) is ignored."]),
    (export(item(10, "<!-- a -- b <rss> ]]> & -->", *TWO, "<!---->")), []),
    (export(item(10, *TWO)).replace("<channel>", "<channel><?php echo 1; ?>"), []),
    (export(item(10, *TWO)).replace("<rss", '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.example/rss.dtd">\n<rss', 1), []),
    (export(item(10, *TWO)).replace("\n", "\r\n"), []),
], ids=lambda value: None)  # fmt: skip
def test_what_surrounds_the_export_does_not_matter(bring, text, said):
    lines = bring(text)
    assert [line.replace("line 145", "line N") if "after" in line else line for line in repairs(lines)] == [
        line.replace("line 145", "line N") for line in said
    ] or ("after" in repairs(lines)[0] and len(said) == 1)
    assert lines[-1] == DONE
    assert outline() == [(0, "one"), (1, "two")]


# --- dates -----------------------------------------------------------------------

POST_DATE = datetime(2012, 4, 25, 12, tzinfo=UTC)
LOCAL = datetime(2012, 4, 26, 10, tzinfo=UTC)


@pytest.mark.parametrize(("gmt", "local", "expected", "said"), [
    ("-0001-11-30 00:00:00", "-0001-11-30 00:00:00", POST_DATE, ["A comment without a date is given the date of its post: comment 1."]),
    ("0000-00-00 00:00:00", "0000-00-00 00:00:00", POST_DATE, ["A comment without a date is given the date of its post: comment 1."]),
    ("-0001-11-30 00:00:00", "2012-04-26 12:00:00", LOCAL, []),
    ("2012-02-31 00:00:00", "2012-04-26 12:00:00", LOCAL, ["An invalid date is replaced with the blog’s local time: comment 1."]),
    ("2012-13-01 00:00:00", "yesterday", POST_DATE, ["A comment without a date is given the date of its post: comment 1.", "An invalid date is left out: comment 1."]),
    ("99999-01-01 00:00:00", "", POST_DATE, ["A comment without a date is given the date of its post: comment 1.", "An invalid date is left out: comment 1."]),
    ("0003-02-01 00:00:00", "", POST_DATE, ["A comment without a date is given the date of its post: comment 1.", "An invalid date is left out: comment 1."]),
    ("2012-04-26 24:61:00", "", POST_DATE, ["A comment without a date is given the date of its post: comment 1.", "An invalid date is left out: comment 1."]),
    ("2012-04-26T10:00:00Z", "", LOCAL, []),
    ("2012-04-26 10:00", "", LOCAL, []),
    ("2012-04-26T03:00:00.001-07:00", "", LOCAL, []),
    ("", "2012-04-26T13:30:00+0330", LOCAL, []),
])  # fmt: skip
def test_an_impossible_date_is_one_things_fault(bring, settings, gmt, local, expected, said):
    settings.TIME_ZONE = "Europe/Oslo"
    lines = bring(
        export(item(10, comment(1, "one", comment_date_gmt=gmt, comment_date=local), comment(2, "two")))
    )
    assert repairs(lines) == said
    assert Comment.objects.get(body="one").created_at == expected
    assert lines[-1] == DONE


@pytest.mark.parametrize(("fields", "expected"), [
    ({"post_date_gmt": "-0001-11-30 00:00:00", "post_date": "-0001-11-30 00:00:00"}, POST_DATE),  # the date for feed readers
    ({"post_date_gmt": "2012-02-31 00:00:00", "post_date": "2012-02-31 00:00:00"}, POST_DATE),
    ({"post_date_gmt": "0000-00-00 00:00:00", "post_date": "2012-04-25 14:00:00"}, POST_DATE),
    ({"post_date_gmt": "-0001-11-30 00:00:00", "post_date": "", "pubDate": "Mon, 30 Nov -0001 00:00:00 +0000"}, None),
    ({"post_date_gmt": "", "post_date": "", "pubDate": "nonsense"}, None),
])  # fmt: skip
def test_a_post_with_an_impossible_date_comes_too(bring, settings, fields, expected):
    settings.TIME_ZONE = "Europe/Oslo"
    lines = bring(export(item(10, **fields)))
    published_at = Post.objects.get().published_at
    assert published_at == expected if expected else (datetime.now(UTC) - published_at).total_seconds() < 600
    assert ("A post without a date is given the time of the import: post 10." in lines) is (expected is None)


# --- characters ------------------------------------------------------------------


@pytest.mark.parametrize(("written", "expected", "said"), [
    ("<![CDATA[on\x08e]]>", "one", "A control character is left out: comment 1."),
    ("<![CDATA[\x00o\x1bn\x0be\x1f]]>", "one", "A control character is left out: comment 1."),
    ("o&#8;n&#x0;e&#xFFFF;", "one", "A control character is left out: comment 1."),
    ("<![CDATA[on\uffffe]]>", "one", "A control character is left out: comment 1."),
    ("one&nbsp;&eacute;", "one\xa0é", "A character that is not valid XML is read as HTML: comment 1."),
    ("one & two &co; <![CDATA[&nbsp;]]>", "one & two &co;", "A character that is not valid XML is read as HTML: comment 1."),
    ("one ]]> two", "one ]]> two", "A character that is not valid XML is read as HTML: comment 1."),
    ("<![CDATA[one ]]]]><![CDATA[> two]]>", "one ]]> two", ""),
    ("one &#8217;&lt;3", "one ’<3", ""),
    ("<![CDATA[<!-- a -->one<!-- b -->]]>", "one", ""),
    ("<![CDATA[one &#xD83C;&#xDF5E; &#55356;&#57182;]]>", "one \U0001f35e \U0001f35e", ""),
    ("<![CDATA[\U0001f35e one]]>", "\U0001f35e one", ""),
])  # fmt: skip
def test_one_strange_character_is_repaired(bring, written, expected, said):
    lines = bring(export(item(10, comment(1, "XYZ"), comment(2, "two"))).replace("<![CDATA[XYZ]]>", written))
    assert repairs(lines) == ([said] if said else [])
    assert plain_text(Comment.objects.order_by("pk").first().html) == " ".join(expected.split())
    assert lines[-1] == DONE


@pytest.mark.parametrize(("written", "expected"), [
    ("Hello <b>big</b> world & <a href='https://a.example/?b=1&c=2'>all</a>. Done", "Hello big world & all. Done"),
    ("I <3 this, a < b", "I <3 this, a < b"),
    ("one<br>two <p>three", "one two three"),
    ("say &lt;b&gt; for <i>bold</i> ]]> &amp;c", "say <b> for bold ]]> &c"),
    ("say &lt;i&gt;bold&lt;/i&gt;", "say bold"),
    ("<!-- hidden -->one", "one"),
    ("<unknown>one</other>", "<unknown>one</other>"),
])  # fmt: skip
def test_texts_with_tags_as_old_versions_wrote_them_are_complete(bring, written, expected):
    """Before 2.6 there was no CDATA around them."""
    lines = bring(
        export(item(10, comment(1, "XYZ"), comment(2, "two")))
        .replace("<![CDATA[XYZ]]>", written)
        .replace("<![CDATA[On bread]]>", "On <em>bread</em> & wine")
    )
    assert plain_text(Comment.objects.order_by("pk").first().html) == expected
    assert Post.objects.get().title == "On bread & wine"
    assert lines[-1] == DONE


def test_an_element_that_never_closes_is_no_whole_file(bring):
    with pytest.raises(CommandError, match="The file is incomplete"):
        bring(export(item(10, comment(1, "XYZ"))).partition("<![CDATA[XYZ")[0] + "cut <b> here")
    assert not Post.objects.exists()


def test_a_link_within_its_page_is_not_one_to_the_front_page(bring):
    text = '<a name="top"></a><a href="#c1">Per</a> wrote <a>this</a> <img src="" alt="a rose">'
    bring(export(item(10, comment(1, text), content=text)))
    assert "<a" not in Comment.objects.get().html + Post.objects.get().body
    assert plain_text(Comment.objects.get().html) == "Per wrote this a rose"


@pytest.mark.parametrize("status", ["", "true", "custom-hold"])
def test_a_comment_of_a_status_nobody_knows_waits_for_a_moderator(bring, status):
    lines = bring(export(item(10, comment(1, "one", comment_approved=status))))
    assert Comment.objects.get().status == "held"
    assert repairs(lines) == ["A comment with an unknown status waits for a moderator: comment 1."]


@pytest.mark.parametrize("size", range(65_500, 65_560))
def test_a_repair_works_where_the_file_is_cut_for_reading(size):
    text = (
        "<rss><![CDATA["
        + "x" * 40
        + "\x08]]]]><![CDATA[>]]>&nbsp;<!-- c --><b>]]>&amp;</b><w:title> a < <b></w:title>"
    )
    whole = XmlRepairer().mend(text, is_end=True)
    cut, mender = size - 65_500, XmlRepairer()
    assert (
        mender.mend(text[:cut]) + mender.mend(text[cut:]) + mender.mend("", is_end=True) == whole or cut < 5
    )
    assert (
        take_marks(whole)[0]
        == "<rss><![CDATA["
        + "x" * 40
        + "]]]]><![CDATA[>]]>\xa0<b>]]&gt;&amp;</b><w:title><![CDATA[ a < <b>]]></w:title>"
    )


def declared(encoding: str, text: str = "Brød “og” smør") -> str:
    return export(item(10, comment(1, text), comment(2, "two"))).replace(
        'encoding="UTF-8"', f'encoding="{encoding}"'
    )


@pytest.mark.parametrize(("data", "text", "said"), [
    (declared("UTF-8").encode("cp1252"), "Brød “og” smør", "Some characters were not in the encoding of the file and are read as cp1252: comment 1."),
    (declared("ISO-8859-1").encode("utf-8"), "Brød “og” smør", "The file declares the encoding ISO-8859-1 but is in UTF-8; it is read as UTF-8."),
    (declared("windows-1251").encode("utf-8"), "Brød “og” smør", "The file declares the encoding windows-1251 but is in UTF-8; it is read as UTF-8."),
    (declared("ISO-8859-1").encode("cp1252"), "Brød “og” smør", ""),
    (declared("ISO-8859-1", "Brød").encode("latin-1"), "Brød", ""),
    (declared("klingon").encode("utf-8"), "Brød “og” smør", "The file declares the encoding klingon, which is not supported; it is read as UTF-8."),
    (declared("base64").encode("utf-8"), "Brød “og” smør", "The file declares the encoding base64, which is not supported; it is read as UTF-8."),
    (declared("UTF-16").encode("utf-16"), "Brød “og” smør", ""),
    (declared("UTF-8").encode("utf-16"), "Brød “og” smør", ""),
    (declared("UTF-16").encode("utf-8"), "Brød “og” smør", ""),
    (declared("UTF-8").encode("utf-16-le"), "Brød “og” smør", ""),
    (declared("windows-1251", "Хлеб").encode("cp1251"), "Хлеб", ""),
    (declared("Shift_JIS", "パンと水").encode("shift_jis"), "パンと水", ""),
    (declared("GBK", "面包").encode("gbk"), "面包", ""),
    (declared("UTF-8", "Хлеб").replace("en-GB", "ru-RU").encode("cp1251"), "Хлеб", "Some characters were not in the encoding of the file and are read as cp1251: comment 1."),
    (declared("UTF-8", "Brød og smør").encode().replace("smør".encode(), "smør".encode("latin-1")), "Brød og smør",
     "Some characters were not in the encoding of the file and are read as cp1252: comment 1."),
], ids=lambda value: None)  # fmt: skip
def test_whatever_encoding_it_declares_the_text_is_right(bring, data, text, said):
    lines = bring(data)
    assert repairs(lines) == ([said] if said else [])
    assert outline() == [(0, text), (0, "two")]


# --- numbers ---------------------------------------------------------------------


def test_two_comments_with_one_number_both_come(bring):
    text = export(item(10, comment(1, "one"), comment(1, "another"), comment(2, "two", comment_parent=1)))
    lines = bring(text)
    assert (
        repairs(lines)[0]
        == "Its ID belongs to another comment; it is given a new one: a comment under post 10."
    )
    assert outline() == [(0, "one"), (1, "two"), (0, "another")]


def test_the_first_of_two_fields_counts(bring):
    bring(
        export(item(10, *TWO))
        .replace("<wp:post_id>10</wp:post_id>", "<wp:post_id>10</wp:post_id><WP:post_id>666</WP:post_id>")
        .replace("<rss", '<rss xmlns:WP="http://wordpress.org/export/1.2/"')
    )
    assert Post.objects.get().source_key == "wordpress:ida.example.org:post:10"


def test_the_same_comment_twice_comes_once(bring):
    lines = bring(export(item(10, comment(1, "one"), comment(1, "one"), comment(2, "two", comment_parent=1))))
    assert repairs(lines) == ["Left out: comments that are in the file twice: 1."]
    assert outline() == [(0, "one"), (1, "two")]


def test_the_same_post_twice_comes_once_and_another_of_its_number_too(bring):
    same = item(10, *TWO)
    lines = bring(export(same, same, item(10, comment(3, "three"), title="Other", post_name="other")))
    assert "Left out: posts that are in the file twice: 1." in lines
    assert sorted(Post.objects.values_list("title", flat=True)) == ["On bread", "Other"]
    assert [body for _level, body in outline()] == ["one", "two", "three"]


def test_a_post_twice_with_a_new_comment_under_the_second_loses_none(bring):
    bring(export(item(10, *TWO), item(10, comment(3, "three"))))
    assert [body for _level, body in outline()] == ["one", "two", "three"]


@pytest.mark.parametrize("number", ["", "ten", "-5", "1; DROP", "9" * 30, "0", "1.5"])
def test_an_invalid_id_loses_no_comment(bring, tmp_path, number):
    text = export(
        item(10, comment(number, "one"), comment(2, "two", comment_parent=number)),
        item(number, comment(3, "three"), title="Other", post_name="o"),
    )
    bring(text)
    assert [body for _level, body in outline()] == ["one", "two", "three"]
    before = everything()
    assert run(write(tmp_path / "again.xml", text))[-1].startswith("Nothing new")
    assert everything() == before


def test_what_the_same_strange_numbers_bring_in_a_later_export_is_known(bring, tmp_path):
    bring(export(item(10, comment(1, "one"), comment(1, "another"))))
    run(
        write(
            tmp_path / "later.xml",
            export(item(10, comment(1, "one"), comment(1, "another"), comment(2, "two"))),
        )
    )
    assert [body for _level, body in outline()] == ["one", "another", "two"]


# --- authors of comments ---------------------------------------------------------

OLD_AUTHOR = author().replace("<wp:author_id>1</wp:author_id>", "")
AS_IDA = {"comment_author": "Ida", "comment_author_email": "IDA@example.org"}


@pytest.mark.parametrize(("fields", "is_hosts"), [
    (AS_IDA | {"comment_user_id": 1}, True),
    (AS_IDA | {"comment_user_id": 7}, True),
    (AS_IDA | {"comment_user_id": 0}, False),
    (AS_IDA | {"comment_user_id": "x"}, False),
    (AS_IDA | {"comment_user_id": 1, "comment_author_email": "per@example.org"}, False),
    (AS_IDA | {"comment_user_id": 1, "comment_author_email": ""}, False),
])  # fmt: skip
def test_the_hosts_own_comment_where_the_file_does_not_say_whose_number_it_is(bring, fields, is_hosts):
    bring(export(item(10, comment(1, "one", **fields)), authors=OLD_AUTHOR))
    assert (Comment.objects.get().author == User.objects.get()) is is_hosts
    assert (Comment.objects.get().author is None) is not is_hosts


@pytest.mark.parametrize("with_host", [True, False])
def test_a_post_that_names_nobody_is_the_hosts(bring, with_host):
    if with_host:
        make_host("nora")
    lines = bring(export(item(10, *TWO, creator=""), authors=""))
    assert "A post without an author is assigned to the host: post 10." in lines
    assert Post.objects.get().author.username == ("nora" if with_host else "host-2")


# --- each post is a unit ---------------------------------------------------------


def test_a_post_that_the_database_refuses_leaves_the_others_alone(tmp_path, monkeypatch):
    real = importer.recount

    def refuse_the_second(post_id: int) -> None:
        if Post.objects.get(pk=post_id).title == "Second":
            raise IntegrityError("no\nway")
        real(post_id)

    monkeypatch.setattr(importer, "recount", refuse_the_second)
    people = author() + author(2, "per", "per@example.org", "Per")
    text = export(item(10, *TWO), item(11, comment(3, "three"), title="Second", creator="per", post_name="s"),
                  item(12, comment(4, "four"), title="Third", creator="per", post_name="t"), authors=people)  # fmt: skip
    file = write(tmp_path / "export.xml", text)
    with pytest.raises(
        CommandError,
        match=r"1 post could not be imported\. Everything else was imported; running the command again tries only what is missing\.$",
    ):
        run(file)
    assert [body for _level, body in outline()] == ["one", "two", "four"]
    assert sorted(User.objects.values_list("username", flat=True)) == ["ida", "per"]
    monkeypatch.undo()
    assert (
        run(file)[-1]
        == "1 post, 1 comment by 1 guest imported; 2 posts and 3 comments already exist; 0 skipped."
    )
    assert sorted(Post.objects.values_list("title", "comment_count")) == [
        ("On bread", 2),
        ("Second", 1),
        ("Third", 1),
    ]
