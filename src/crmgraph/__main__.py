"""`python -m crmgraph`."""

from crmgraph.cli.main import main

if __name__ == "__main__":
    main()
