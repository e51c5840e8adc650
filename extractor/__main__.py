"""`python -m extractor`."""

from extractor.commands import main

if __name__ == "__main__":
    main()
