"""`python -m etanche`: the commands, where no script was put on the path."""

from etanche.cli import main

main()
