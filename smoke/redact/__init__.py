"""Secrets out of exchanges and texts: `redact` is the only producer of `Exchange`."""

from smoke.redact.exchange import Keep, learning, payload_digest, redact
from smoke.redact.hidden import Looked, hidden_parts, readings
from smoke.redact.masker import Masker
from smoke.redact.ordinary import is_worth_hiding
from smoke.redact.secrets import Secrets
from smoke.redact.values import mask_bytes, mask_mismatch, mask_text, mask_value

__all__ = [
    "Keep",
    "Looked",
    "Masker",
    "Secrets",
    "hidden_parts",
    "is_worth_hiding",
    "learning",
    "mask_bytes",
    "mask_mismatch",
    "mask_text",
    "mask_value",
    "payload_digest",
    "readings",
    "redact",
]
