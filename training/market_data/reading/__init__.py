"""From a file of prices to bars, with a record of everything that was decided on the way.

`read` is the way through it. A decision is made by an option, else by what an earlier file of the
same shape settled, else by what the file proves, else by a default that is said. What would need a
guess is refused with the option that answers it.
"""
