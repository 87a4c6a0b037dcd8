"""Who sent a message, and when: the three headers of Standard Webhooks 1.0."""

import base64
import hashlib
import hmac
import time


def signed_headers(key: bytes, *, message_id: str, body: bytes) -> dict[str, str]:
    """HMAC-SHA256 over id, time and body: a receiver refuses what is forged, or too old."""
    timestamp = str(int(time.time()))
    signed = b".".join([message_id.encode(), timestamp.encode(), body])
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
