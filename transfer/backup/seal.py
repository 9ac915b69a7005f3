"""Encryption of a backup with a passphrase.

The file format: MAGIC, 16 bytes of salt, then chunks of at most 1 MiB, each as its length in 4 bytes and its
contents encrypted with AES-256-GCM (NIST SP 800-38D). The key is derived with scrypt (RFC 7914). The nonce of
a chunk is its number, and whether it is the last one is authenticated data, so chunks cannot be swapped or
cut off.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from transfer.backup.errors import BackupError

MAGIC = b"LONGTABLE-SEALED-1\n"
PIECE = 1 << 20


def is_sealed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def seal(source: Path, target: Path, passphrase: str) -> None:
    salt = os.urandom(16)
    cipher = _cipher(passphrase, salt)
    with source.open("rb") as plain, target.open("wb") as sealed:
        sealed.write(MAGIC + salt)
        for number, (piece, is_last) in enumerate(_pieces(plain)):
            text = cipher.encrypt(number.to_bytes(12), piece, bytes([is_last]))
            sealed.write(len(text).to_bytes(4) + text)


def unseal(source: Path, target: Path, passphrase: str) -> None:
    """Decrypt a backup. BackupError if the passphrase is wrong or the file is damaged or truncated."""
    with source.open("rb") as sealed, target.open("wb") as plain:
        sealed.seek(len(MAGIC))
        cipher, number, is_last = _cipher(passphrase, sealed.read(16)), 0, False
        while not is_last:
            length = int.from_bytes(sealed.read(4))
            text = sealed.read(min(length, PIECE + 16))
            try:
                try:
                    piece = cipher.decrypt(number.to_bytes(12), text, b"\x00")
                except InvalidTag:
                    piece, is_last = cipher.decrypt(number.to_bytes(12), text, b"\x01"), True
            except (InvalidTag, ValueError):
                raise BackupError(
                    "The passphrase is wrong." if number == 0 else "The file is damaged or truncated."
                ) from None
            plain.write(piece)
            number += 1


def _pieces(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    piece = file.read(PIECE)
    while True:
        after = file.read(PIECE)
        yield piece, not after
        if not after:
            return
        piece = after


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode()))
