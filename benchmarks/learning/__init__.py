"""The learning curve: what share of an oracle's gain each method gets, by the number of outcomes it has seen.

``python -m benchmarks.learning`` (``make bench-learning``) runs it and writes ``docs/learning.md``. To try one method
on one clinic::

    from benchmarks.learning.clinics import clinic
    from benchmarks.learning.methods import METHODS, share

    one = clinic("other", "balanced", seed=0)
    share(one, METHODS["Attune"].function, 300)  # Share(free=..., capacity=...): 1 is the oracle, 0 is chance

A method is any function of tables and rows of new clients that gives scores of shape (new clients, therapists).
``one.at(300)`` are the tables, ``one.rows(300)`` the rows, and ``one.share(scores)`` measures scores from anywhere.
"""
