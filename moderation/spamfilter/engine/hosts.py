"""Host names: what counts as a URL, and which hosts many unrelated people link to."""

from urllib.parse import urlsplit

# The top-level domains for which a bare "name.ending" counts as a URL.
ENDINGS = frozenset(
    "com net org info biz io co me tv ly us uk de fr es it nl be ch at se no dk fi pl cz sk hu ro bg gr pt ie eu ru ua by kz tr il ir in pk bd lk np "
    "id my sg ph th vn cn hk tw jp kr au nz za ng ke gh tz ug eg ma dz br ar cl mx pe ve ec uy ca cc ws to gg gd la su rs hr si lt lv ee is lu mt "
    "xyz top club site online shop store live bet casino vip win app dev blog link click work life world today pro fun icu space website tech "
    "cloud digital agency media news gratis loan loans money cash finance poker games game porn sex adult cam webcam dating love buzz cyou sbs "
    "rest bar quest monster cfd bond hair skin makeup autos boats lat one ink art design studio edu gov example test".split()
)
# Top-level domains that are also words or file extensions: "is.it", "so.my", "readme.md". A bare one needs
# more evidence.
WORDLIKE_ENDINGS = frozenset(
    "it is in at be no to me so my us de es la as am id la one work life world today love fun bar rest hair skin link click money game games win live news media art design".split()
)
SHORTENERS = frozenset(
    "bit.ly t.co goo.gl tinyurl.com ow.ly is.gd buff.ly adf.ly cutt.ly rb.gy shorturl.at rebrand.ly tiny.cc bl.ink t.ly linktr.ee j.mp binbox.io".split()
)
# Hosts that many different people link to. A link there says little about its author.
SHARED_HOSTS = frozenset(
    "wikipedia.org wikimedia.org wiktionary.org wikidata.org youtube.com youtu.be vimeo.com twitter.com x.com facebook.com fb.com instagram.com linkedin.com "
    "xeeme.com pinterest.com tumblr.com reddit.com medium.com substack.com wordpress.com wordpress.org blogspot.com blogger.com typepad.com livejournal.com "
    "github.com github.io gitlab.com stackoverflow.com stackexchange.com archive.org google.com google.co.uk goo.gl bing.com amazon.com amazon.co.uk amazon.de "
    "nytimes.com theguardian.com guardian.co.uk bbc.co.uk bbc.com cnn.com washingtonpost.com wsj.com ft.com economist.com reuters.com apnews.com npr.org "
    "huffingtonpost.com huffpost.com forbes.com time.com theatlantic.com newyorker.com wired.com nature.com sciencemag.org science.org slate.com vox.com "
    "lemonde.fr spiegel.de zeit.de faz.net sueddeutsche.de nzz.ch elpais.com corriere.it pewinternet.org pewresearch.org ted.com harvard.edu mit.edu "
    "stanford.edu ox.ac.uk cam.ac.uk jstor.org arxiv.org doi.org ncbi.nlm.nih.gov nih.gov who.int un.org europa.eu flickr.com imgur.com giphy.com "
    "spotify.com soundcloud.com bandcamp.com goodreads.com imdb.com change.org gofundme.com kickstarter.com patreon.com eventbrite.com meetup.com zoom.us "
    "dropbox.com slideshare.net scribd.com issuu.com about.me gravatar.com mastodon.social bsky.app mozilla.org python.org djangoproject.com w3.org".split()
)


def tidy_host(host: str) -> str:
    return host.lower().strip(".").removeprefix("www.").removeprefix("m.")


def host_of(address: str) -> str:
    """The host of a URL in a profile or a comment, with or without scheme; "" if there is none."""
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    return tidy_host(host)


def is_shared_host(host: str) -> bool:
    """Whether many unrelated people link to this host or have their page there."""
    parts = host.split(".")
    if parts[-2:-1] == ["blogspot"]:  # blogspot has a domain for each country
        return True
    return any(
        ".".join(parts[start:]) in SHARED_HOSTS for start in range(max(0, len(parts) - 4), len(parts) - 1)
    ) or host.endswith((".edu", ".gov", ".ac.uk"))
