"""The letters of article 34: who is written to, what is said, how it is addressed, set and handed to the printer.

Rules, in the order in which they apply:

1. What a letter says is a dated file that a lawyer can read; code fills in, and knows no sentence.
2. Everyone in the file is written to once by each controller; what keeps a letter back is a pile with a name.
3. No letter says more than families of data, and none to somebody who is no patient says that there is one.
"""
