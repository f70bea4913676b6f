"""`python -m korus_research` is the same command as `korus`."""

from korus_research.cli import command

if __name__ == "__main__":
    command()
