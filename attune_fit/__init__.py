"""Attune: rank the therapists a clinic can offer a client by expected early working alliance.

The folders beside this one are the parts of this package: ``features/pairs.py`` is ``attune_fit.features.pairs``.
"""
