"""Secrets out of exchanges and texts: `redact` is the only producer of `Exchange`."""

from smoke.redact.exchange import Keep, learning, payload_digest, redact
from smoke.redact.masker import Masker
from smoke.redact.secrets import Secrets
from smoke.redact.values import mask_bytes, mask_mismatch, mask_text, mask_value

__all__ = [
    "Keep",
    "Masker",
    "Secrets",
    "learning",
    "mask_bytes",
    "mask_mismatch",
    "mask_text",
    "mask_value",
    "payload_digest",
    "redact",
]
