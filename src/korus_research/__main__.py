"""`python -m korus_research` is the same command as `korus`."""

from korus_research.cli import main

if __name__ == "__main__":
    main()
