"""`python -m generator.cli`: the command line where its script is not installed."""

from generator.cli import main

if __name__ == "__main__":
    main()
