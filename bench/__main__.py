"""`./dev bench`."""

from bench.command import main

main()
