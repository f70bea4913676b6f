"""The data package as files: reading and writing tables, compiling them from stored answers, replacing the package."""
