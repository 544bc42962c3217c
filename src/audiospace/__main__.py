"""Run the command line as `python -m audiospace`."""

from audiospace.cli.main import main

if __name__ == "__main__":
    main()
