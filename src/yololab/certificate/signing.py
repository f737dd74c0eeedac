"""Signatures of JSON: ed25519 over its canonical text, the public key in it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from yololab.config.identity import canonical_json
from yololab.errors import YololabError
from yololab.run.seal import user_key

KEY_FILE = "certificate_key"
SIGNATURE, PUBLIC_KEY = "signature", "public_key"


def sign(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with this user's public key and signature. YololabError where no key can be kept."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(user_key(KEY_FILE, make=True))
    signed = {**content, PUBLIC_KEY: _text(key.public_key().public_bytes_raw())}
    return {**signed, SIGNATURE: _text(key.sign(canonical_json(signed).encode()))}


def require_signature(content: Mapping[str, Any]) -> str:
    """The public key whose signature the content has. YololabError where it has none, or another content was signed."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key, signature = content.get(PUBLIC_KEY), content.get(SIGNATURE)
    if not isinstance(key, str) or not isinstance(signature, str):
        raise YololabError("not signed: a public key or a signature is missing")
    signed = {name: value for name, value in content.items() if name != SIGNATURE}
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature, validate=True), canonical_json(signed).encode())
    except (InvalidSignature, ValueError, binascii.Error, TypeError) as error:
        raise YololabError("the signature does not fit the content: it was changed after it was signed") from error
    return key


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
