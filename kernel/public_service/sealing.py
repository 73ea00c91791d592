"""Form data sealed per owner (design 7): what travels in an order or lies at rest is opened by its owner alone.

A random data key per (case, owner) seals the data; the owner's key wraps the data key; both are authenticated with
`case|owner`, so a part moved to another case or owner does not open. Destroying the wrapped key erases the data.
Two suites: `international` (AES-256-GCM) and `guomi` (SM4-GCM); each part names its own, so both open side by side.
"""

import base64
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, SecretStr

from kernel.errors import Problem

Suite = Literal["international", "guomi"]
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_BYTES: Mapping[str, int] = {"international": 32, "guomi": 16}


class SealBroken(Problem):
    """密封数据无法打开：内容被改动、密钥不符，或者不是给本单位的。
    The sealed part does not open: altered, sealed with another key, or meant for another owner."""

    how = "请核对密钥版本与承办单位；数据须由发出方重新密封。"
    how_en = "Check the key version and the owner; the sender has to seal the data again."


class SealingKeyUnknown(Problem):
    """没有这个版本的密封密钥。
    There is no sealing key of this version."""

    how = "请在 old_sealing_keys 中补上旧密钥后重放。"
    how_en = "Add the old key to old_sealing_keys and replay."


def _from_base64(value: Any) -> Any:
    return base64.b64decode(value, validate=True) if isinstance(value, str) else value


Base64Bytes = Annotated[
    bytes,
    BeforeValidator(_from_base64),
    PlainSerializer(lambda value: base64.b64encode(value).decode(), return_type=str, when_used="json"),
]


class Sealed(BaseModel):
    """One sealed part. JSON form: base64 strings, the same out of a message and out of a jsonb column."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: Suite = "international"
    key_version: int
    wrapped_key: Base64Bytes
    nonce: Base64Bytes
    ciphertext: Base64Bytes


class Aead(Protocol):
    """Authenticated encryption; the tag is appended to the ciphertext."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...


class Sm4Gcm:
    """SM4 (GB/T 32907) in GCM mode with the face of AESGCM. Raises InvalidTag when altered."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        if len(data) < _TAG_BYTES:
            raise InvalidTag()
        body, tag = data[:-_TAG_BYTES], data[-_TAG_BYTES:]
        decryptor = Cipher(self._algorithm, modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(body) + decryptor.finalize()


def aead(suite: Suite, key: bytes) -> Aead:
    return AESGCM(key) if suite == "international" else Sm4Gcm(key)


def derive(root: bytes, purpose: str, length: int = 32) -> bytes:
    """A key for one purpose from a root key (HKDF-SHA-256): knowing one tells nothing of another."""
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=purpose.encode()).derive(root)


class Sealer:
    """Seals for any owner and opens for any owner whose keys it holds.

    `roots` are root keys by version (≥ 32 bytes). An owner's key derives from a root by the owner's name. A service
    that must open only its own parts may be given `owner_keys={("assistance", 1): key}` and no roots.
    """

    def __init__(
        self,
        roots: Mapping[int, bytes],
        *,
        current: int = 1,
        suite: Suite = "international",
        owner_keys: Mapping[tuple[str, int], bytes] | None = None,
    ) -> None:
        self._roots = dict(roots)
        self._owner_keys = dict(owner_keys or {})
        self._current = current
        self._suite: Suite = suite
        self._wrapping = lru_cache(maxsize=1024)(self._make_wrapping)

    def seal(self, data: Mapping[str, Any], case: UUID, owner: str, *, like: Sealed | None = None) -> Sealed:
        """Seal JSON-able data. With `like` (an earlier part of the same case and owner) its data key is used again."""
        associated = _associated(case, owner)
        if like is not None and like.suite == self._suite:
            version, wrapped = like.key_version, like.wrapped_key
            key = self._unwrap(like, owner, associated)
        else:
            version, key = self._current, os.urandom(_KEY_BYTES[self._suite])
            wrap_nonce = os.urandom(_NONCE_BYTES)
            wrapped = wrap_nonce + self._wrapping(owner, version, self._suite).encrypt(
                wrap_nonce, key, associated
            )
        nonce = os.urandom(_NONCE_BYTES)
        ciphertext = aead(self._suite, key).encrypt(nonce, orjson.dumps(data), associated)
        return Sealed(
            suite=self._suite, key_version=version, wrapped_key=wrapped, nonce=nonce, ciphertext=ciphertext
        )

    def open(self, sealed: Sealed, case: UUID, owner: str) -> dict[str, Any]:
        """The data again. Raises SealBroken (altered, other case, other owner) or SealingKeyUnknown."""
        associated = _associated(case, owner)
        key = self._unwrap(sealed, owner, associated)
        try:
            plain = aead(sealed.suite, key).decrypt(sealed.nonce, sealed.ciphertext, associated)
        except (InvalidTag, ValueError) as error:
            raise SealBroken() from error
        data: dict[str, Any] = orjson.loads(plain)
        return data

    def _unwrap(self, sealed: Sealed, owner: str, associated: bytes) -> bytes:
        wrapping = self._wrapping(owner, sealed.key_version, sealed.suite)
        try:
            return wrapping.decrypt(
                sealed.wrapped_key[:_NONCE_BYTES], sealed.wrapped_key[_NONCE_BYTES:], associated
            )
        except (InvalidTag, ValueError) as error:
            raise SealBroken() from error

    def _make_wrapping(self, owner: str, version: int, suite: Suite) -> Aead:
        return aead(suite, self.owner_key(owner, version)[: _KEY_BYTES[suite]])

    def owner_key(self, owner: str, version: int) -> bytes:
        """The owner's wrapping key (32 bytes): what an operator hands to a service that shall open its own only."""
        if (owner, version) in self._owner_keys:
            return self._owner_keys[owner, version]
        if version not in self._roots:
            raise SealingKeyUnknown(extra={"key_version": version})
        return derive(self._roots[version], f"lianban seal|{owner}|{version}")


def _associated(case: UUID, owner: str) -> bytes:
    return f"{case}|{owner}".encode()


class SealingSettings(Protocol):
    """The fields of ServiceSettings that sealing reads."""

    @property
    def sealing_key(self) -> SecretStr: ...
    @property
    def sealing_key_version(self) -> int: ...
    @property
    def old_sealing_keys(self) -> Mapping[int, SecretStr]: ...
    @property
    def suite(self) -> Suite: ...


def make_sealer(settings: SealingSettings) -> Sealer:
    """A sealer with the configured current key and every old one."""
    roots = {version: key_bytes(key) for version, key in settings.old_sealing_keys.items()}
    roots[settings.sealing_key_version] = key_bytes(settings.sealing_key)
    return Sealer(roots, current=settings.sealing_key_version, suite=settings.suite)


def key_bytes(secret: SecretStr) -> bytes:
    """A configured key: base64 in the environment, bytes here."""
    return base64.b64decode(secret.get_secret_value())
