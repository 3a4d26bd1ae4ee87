"""Attune: rank the therapists a clinic can offer a client by expected early working alliance.

The source folders of the repository are parts of this package: ``features/pairs.py`` is imported as
``attune_fit.features.pairs``.
"""
