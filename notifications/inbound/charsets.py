"""Decodes text like browsers: by the labels of the WHATWG Encoding Standard, as senders mean them.

Mail programs declare the smaller charset and send the larger: "iso-8859-1" is windows-1252, "gb2312" is
gb18030, "ks_c_5601-1987" is the Korean charset of Windows. What cannot be decoded becomes U+FFFD, which the
caller refuses.
"""

import codecs
import re

UNREADABLE = "\N{REPLACEMENT CHARACTER}"
# Python's codecs by name, with the larger charset that is meant. Others are not used for emails.
MEANT = {
    "utf-8": "utf-8", "utf-8-sig": "utf-8-sig", "utf-16": "utf-16", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be", "utf-32": "utf-32",
    "utf-7": "utf-7", "ascii": "cp1252", "iso8859-1": "cp1252", "cp1252": "cp1252", "iso8859-9": "cp1254", "cp1254": "cp1254",
    "iso8859-11": "cp874", "tis-620": "cp874", "cp874": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "hz": "hz",
    "big5": "big5hkscs", "big5hkscs": "big5hkscs", "cp950": "big5hkscs",
    "euc_kr": "cp949", "cp949": "cp949", "johab": "johab", "iso2022_kr": "iso2022_kr",
    "shift_jis": "cp932", "cp932": "cp932", "shift_jisx0213": "shift_jisx0213", "shift_jis_2004": "shift_jis_2004",
    "euc_jp": "euc-jp", "euc_jisx0213": "euc_jisx0213", "iso2022_jp": "iso-2022-jp", "iso2022_jp_1": "iso-2022-jp", "iso2022_jp_2": "iso2022_jp_2",
    "iso2022_jp_ext": "iso2022_jp_ext", "koi8-r": "koi8-r", "koi8-u": "koi8-u", "mac-roman": "mac-roman", "mac-cyrillic": "mac-cyrillic",
    **{f"iso8859-{number}": f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{f"cp{number}": f"cp{number}" for number in (437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 865, 866, 869, 1250, 1251, 1253, 1255, 1256, 1257, 1258)},
}  # fmt: skip
# Labels that Python does not know.
LABELS = {
    "unicode-1-1-utf-8": "utf-8", "unicode11utf8": "utf-8", "unicode20utf8": "utf-8", "x-unicode20utf8": "utf-8", "utf8mb4": "utf-8", "utf": "utf-8",
    "x-sjis": "shift_jis", "sjis-win": "cp932", "windows-31j": "cp932", "cp943": "cp932", "ms_kanji": "shift_jis", "x-ms-cp932": "cp932", "x-euc-jp": "euc_jp",
    "cseucpkdfmtjapanese": "euc_jp", "iso-2022-jp-ms": "iso2022_jp", "cp50220": "iso2022_jp", "cp50221": "iso2022_jp", "cp51932": "euc_jp",
    "x-gbk": "gbk", "chinese": "gb2312", "csiso58gb231280": "gb2312", "gb_2312": "gb2312", "gb_2312-80": "gb2312", "x-gb2312": "gb2312", "hz-gb-2312": "hz",
    "cn-gb": "gb2312", "gb2312_charset": "gb2312", "cn-big5": "big5", "x-x-big5": "big5", "big5-hkscs": "big5hkscs", "big5_charset": "big5",
    "windows-949": "cp949", "ms949": "cp949", "x-windows-949": "cp949", "korean": "euc_kr", "ks_c_5601-1989": "euc_kr", "ksc_5601": "euc_kr", "ks_c_5601": "euc_kr",
    "windows-874": "cp874", "dos-874": "cp874", "x-windows-874": "cp874", "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "logical": "iso8859-8", "visual": "iso8859-8",
    "iso-8859-6-i": "iso8859-6", "iso-8859-6-e": "iso8859-6", "koi": "koi8-r", "koi8": "koi8-r", "koi8-ru": "koi8-u", "x-koi8-r": "koi8-r",
    "x-mac-cyrillic": "mac-cyrillic", "x-mac-ukrainian": "mac-cyrillic", "macintosh": "mac-roman", "x-mac-roman": "mac-roman", "ansi": "cp1252",
    "ansi_x3.110-1983": "cp1252", "x-ansi": "cp1252", "iso-8859-1-windows-3.1-latin-1": "cp1252", "x-unknown": "ascii", "unknown-8bit": "ascii", "8bit": "ascii",
    "us-ascii-7": "ascii", "default": "ascii", "iso-ir-100": "cp1252", "_iso-2022-jp$esc": "iso2022_jp",
    **{f"x-cp{number}": f"cp{number}" for number in range(1250, 1259)}, **{f"win-{number}": f"cp{number}" for number in range(1250, 1259)},
    **{f"win{number}": f"cp{number}" for number in range(1250, 1259)},
}  # fmt: skip
# Labels that are common defaults. If all bytes are valid UTF-8, it is UTF-8.
UNRELIABLE_CODECS = {"cp1252", "utf-8"}
# CESU-8 (Unicode TR26): a character above U+FFFF as two UTF-16 surrogates of three bytes each.
SURROGATE_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
JIS_ESCAPE = re.compile(rb"\x1b(\$[@B]|\([BJI])")


def decode(data: bytes, label: str, *, is_whole: bool = True) -> str:
    """The decoded text, with UNREADABLE for invalid bytes. An unknown label is read as UTF-8.

    is_whole: False if more follows that is not read, so that a character split at the end is not an error.
    """
    codec = codec_for(label)
    if codec in UNRELIABLE_CODECS and codec != "utf-8":
        try:
            return _decoded(data, "utf-8", "strict", is_whole)
        except UnicodeDecodeError:
            pass
    text = _decoded(data, codec, "replace", is_whole)
    if UNREADABLE in text and codec == "utf-8":
        text = _decoded(SURROGATE_PAIR.sub(_of_pair, data), codec, "replace", is_whole)
    if UNREADABLE in text and codec in {"iso-2022-jp", "euc-jp"}:
        wider = (_of_jis if codec == "iso-2022-jp" else _of_euc)(data)
        text = wider if UNREADABLE not in wider else text
    return text


def codec_for(label: str) -> str:
    label = re.sub(r"[\s\"']", "", label).lower()[:60]
    try:
        name = codecs.lookup(LABELS.get(label, label)).name
    except (LookupError, ValueError):
        return "utf-8"
    return MEANT.get(name, "utf-8")


def _decoded(data: bytes, codec: str, errors: str, is_whole: bool) -> str:
    return codecs.getincrementaldecoder(codec)(errors).decode(data, is_whole)


def _of_pair(found: re.Match[bytes]) -> bytes:
    halves = found[0].decode("utf-8", errors="surrogatepass")
    return halves.encode("utf-16", errors="surrogatepass").decode("utf-16").encode()


def _of_jis(data: bytes) -> str:
    """ISO-2022-JP with Windows' additional characters (NEC, IBM), which Python's codec does not know."""
    words = []
    is_double = False
    for at, piece in enumerate(JIS_ESCAPE.split(data)):
        if at % 2:
            is_double = piece.startswith(b"$")
        elif is_double:
            pairs = re.findall(rb"[\x21-\x7e][\x21-\x7e]|.", piece, re.DOTALL)
            words.append(b"".join(_shifted(pair) if len(pair) == 2 else pair for pair in pairs))
        else:
            words.append(piece)
    return b"".join(words).decode("cp932", errors="replace")


def _of_euc(data: bytes) -> str:
    pairs = re.findall(rb"[\xa1-\xfe][\xa1-\xfe]|\x8e[\xa1-\xdf]|.", data, re.DOTALL)
    return b"".join(
        _shifted(bytes(one & 0x7F for one in pair)) if len(pair) == 2 and pair[0] != 0x8E else pair[-1:]
        for pair in pairs
    ).decode("cp932", errors="replace")


def _shifted(pair: bytes) -> bytes:
    """Row and cell of JIS X 0208 as bytes of Shift_JIS."""
    row, cell = pair[0] - 0x21, pair[1] - 0x21
    lead = row // 2 + (0x81 if row < 62 else 0xC1)
    trail = cell + (0x9F if row % 2 else 0x40 if cell < 63 else 0x41)
    return bytes([lead, trail])
