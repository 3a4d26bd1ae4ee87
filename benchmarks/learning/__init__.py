"""The learning curve: share of an oracle's gain that each method gets, by its number of outcome records.

``python -m benchmarks.learning`` (``make bench-learning``) runs it and writes ``docs/learning.md``. To try one method
on one clinic::

    from benchmarks.learning.clinic_makers import draw_clinic
    from benchmarks.learning.methods import METHODS, measure_method_share

    clinic = draw_clinic("other", "balanced", seed=0)
    measure_method_share(clinic, METHODS["Attune"].score_tables, 300)  # 1 is the oracle, 0 is chance

A method is any function of tables and of rows of new clients. It returns scores of shape (new clients, therapists).
``clinic.build_tables(300)`` returns the tables, ``clinic.find_rows(300)`` the rows. ``clinic.measure_share(scores)``
measures scores from any source.
"""
