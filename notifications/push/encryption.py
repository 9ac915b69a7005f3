"""Encrypts a message for a browser (RFC 8291), and signs the sender's token (RFC 8292, VAPID)."""

import base64
import json
import os
import time
from functools import cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils.crypto import salted_hmac

RECORD_SIZE = 4096
# A record has the message, a delimiter byte and a tag of 16; push services accept only one record.
MAX_BYTES = RECORD_SIZE - 17 - 86
WORD_HOLDS_SECONDS = 12 * 3600
AUTH_BYTES = 16


def to_base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_base64(text: str) -> bytes:
    """Raises ValueError for invalid base64."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def read_browser_key(p256dh: str) -> ec.EllipticCurvePublicKey:
    """Parse a browser's public key. Raises ValueError if it is invalid."""
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64(p256dh))


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def encrypt(message: bytes, p256dh: str, auth: str) -> bytes:
    """The body of a push message: one record of aes128gcm (RFC 8188).

    Raises ValueError if it is too long or a key is invalid.
    """
    if len(message) > MAX_BYTES:
        raise ValueError(f"A push holds {MAX_BYTES} bytes, not {len(message)}.")
    browser = read_browser_key(p256dh)
    own = ec.generate_private_key(ec.SECP256R1())
    own_point = _point(own.public_key())
    shared = own.exchange(ec.ECDH(), browser)
    secret = _derive(shared, from_base64(auth), b"WebPush: info\0" + _point(browser) + own_point, 32)
    salt = os.urandom(16)
    key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(key).encrypt(nonce, message + b"\x02", None)
    return salt + RECORD_SIZE.to_bytes(4, "big") + bytes([len(own_point)]) + own_point + sealed


@cache
def _site_key(secret: str) -> ec.EllipticCurvePrivateKey:
    """This site's key, derived from SECRET_KEY, so there is nothing to set up or lose."""
    number = int.from_bytes(
        salted_hmac("notifications.push", "P-256", secret=secret, algorithm="sha512").digest(), "big"
    )
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return ec.derive_private_key(number % (order - 1) + 1, ec.SECP256R1())


def site_public_key() -> str:
    """The public key for a browser's subscription, which only the key's owner can then send to."""
    return to_base64(_point(_site_key(settings.SECRET_KEY).public_key()))


def authorization(endpoint: str) -> str:
    """The Authorization header for a push service."""
    site = _site_key(settings.SECRET_KEY)
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + WORD_HOLDS_SECONDS,
        "sub": settings.SITE_URL,
    }
    head, body = (
        to_base64(json.dumps(one, separators=(",", ":")).encode())
        for one in ({"typ": "JWT", "alg": "ES256"}, claims)
    )
    r, s = decode_dss_signature(site.sign(f"{head}.{body}".encode(), ec.ECDSA(SHA256())))
    signature = to_base64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={head}.{body}.{signature}, k={to_base64(_point(site.public_key()))}"
