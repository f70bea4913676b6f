"""The data package as files: how a table is read, written, put together from stored answers and exchanged."""
