"""The cache: a store of bytes by content key, digests of code, and a codec whose decoding can't execute code."""
