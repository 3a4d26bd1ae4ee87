"""From the files a clinic keeps to checked canonical tables, with every fault listed."""
