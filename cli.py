"""Runs the command line from a checkout: `python cli.py analyze …`."""

from extractor.commands import main

if __name__ == "__main__":
    main()
