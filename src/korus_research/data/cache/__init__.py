"""What has been made before, by content: a store of bytes, code as digests, values as bytes that can't run anything."""
