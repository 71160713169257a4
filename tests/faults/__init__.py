"""What holds when files break, disks fill, processes die and clocks jump.

`make test-faults` does all of it; without FAULTS=all in the environment it is a short form.
"""
