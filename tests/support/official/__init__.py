"""The official sources on this machine: answers of their form, made of the embedded tables, and their errors as recorded."""

from official.server import KEYS, Official, Reply

__all__ = ["KEYS", "Official", "Reply"]
