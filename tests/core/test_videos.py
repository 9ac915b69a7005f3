"""Video URLs are recognised in every form that the two sites use, and nothing else is mistaken for one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markup.videos import Video, video_at

ID = "dQw4w9WgXcQ"


@pytest.mark.parametrize(
    ("url", "key", "start"),
    [
        (f"https://www.youtube.com/watch?v={ID}", ID, 0),
        (f"http://youtube.com/watch?v={ID}&list=PLabc&index=2", ID, 0),
        (f"https://m.youtube.com/watch?app=desktop&v={ID}", ID, 0),
        (f"https://music.youtube.com/watch?v={ID}&si=abc", ID, 0),
        (f"https://www.youtube.com/watch?v={ID}&t=42", ID, 42),
        (f"https://www.youtube.com/watch?v={ID}&t=42s", ID, 42),
        (f"https://www.youtube.com/watch?v={ID}&t=1h2m3s", ID, 3723),
        (f"https://www.youtube.com/watch?v={ID}#t=1m30s", ID, 90),
        (f"https://www.youtube.com/watch?v={ID}&t=soon", ID, 0),
        (f"https://youtu.be/{ID}", ID, 0),
        (f"https://youtu.be/{ID}?si=xyz&t=7", ID, 7),
        (f"https://www.youtube.com/embed/{ID}?start=90", ID, 90),
        (f"https://www.youtube-nocookie.com/embed/{ID}", ID, 0),
        (f"https://youtube.com/shorts/{ID}", ID, 0),
        (f"https://www.youtube.com/live/{ID}?feature=share", ID, 0),
        (f"https://www.youtube.com/v/{ID}", ID, 0),
        (f"HTTPS://WWW.YOUTUBE.COM/watch?v={ID}", ID, 0),
        ("https://youtu.be/a-b_c-d_e-f", "a-b_c-d_e-f", 0),
    ],
)
def test_videos_on_youtube(url, key, start):
    assert video_at(url) == Video("youtube", key, start)


@pytest.mark.parametrize(
    ("url", "key", "start"),
    [
        ("https://vimeo.com/76979871", "76979871", 0),
        ("https://vimeo.com/76979871#t=1m2s", "76979871", 62),
        ("https://vimeo.com/76979871?t=30", "76979871", 30),
        ("https://www.vimeo.com/76979871/", "76979871", 0),
        ("https://vimeo.com/76979871/abcdef0123", "76979871:abcdef0123", 0),
        ("https://vimeo.com/channels/staffpicks/76979871", "76979871", 0),
        ("https://vimeo.com/groups/some-group/videos/76979871", "76979871", 0),
        ("https://vimeo.com/showcase/12345/video/76979871", "76979871", 0),
        ("https://vimeo.com/ondemand/some_film/76979871", "76979871", 0),
        ("https://player.vimeo.com/video/76979871?h=abcdef0123", "76979871:abcdef0123", 0),
        ("https://player.vimeo.com/video/76979871?h=<b>", "76979871", 0),
    ],
)
def test_videos_on_vimeo(url, key, start):
    assert video_at(url) == Video("vimeo", key, start)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/",
        "https://www.youtube.com/watch",
        "https://www.youtube.com/watch?v=short",
        f"https://www.youtube.com/watch?v={ID}x",
        f"https://www.youtube.com/watch?v={ID}%22",
        "https://www.youtube.com/watch?v=dQw4w9WgXc%C3%A4",
        "https://www.youtube.com/@somebody",
        "https://www.youtube.com/playlist?list=PLabc",
        f"https://www.youtube.com/watch/{ID}/more",
        f"https://youtube.com.evil.example/watch?v={ID}",
        f"https://evil.example/watch?v={ID}",
        f"https://www.youtube.com@evil.example/watch?v={ID}",
        f"https://me:pw@www.youtube.com/watch?v={ID}",
        f"https://www.youtube.com:8443/watch?v={ID}",
        f"https://www.youtube.com:x/watch?v={ID}",
        f"ftp://www.youtube.com/watch?v={ID}",
        f"//www.youtube.com/watch?v={ID}",
        "https://vimeo.com/",
        "https://vimeo.com/about",
        "https://vimeo.com/1234567890123",
        "https://vimeo.com/٧٦٩٧٩٨٧١",
        "https://vimeo.com/76979871/likes",
        "https://[",
        "",
    ],
)
def test_what_is_no_video(url):
    assert video_at(url) is None


parts = st.sampled_from(["https://", "youtu.be", "www.youtube.com", "vimeo.com", "/", "watch?v=", ID, "76979871", "&t=", "1h", "99s", "#t=", "?h=", "abcdef", "\"'<>", "%00", "\n", ":"])  # fmt: skip


@given(st.lists(parts, max_size=12).map("".join))
def test_accepted_values_contain_harmless_characters_only(url):
    video = video_at(url)
    assert video is None or (re.fullmatch(r"[A-Za-z0-9_:-]{1,40}", video.key) and 0 <= video.start < 10**7)
