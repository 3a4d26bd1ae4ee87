"""Batch: the rankings of many clients in files, by blocks of clients that any number of processes can work on."""
