"""Exports of Qualtrics: headers in several rows, standard columns, and questions with several answers."""
