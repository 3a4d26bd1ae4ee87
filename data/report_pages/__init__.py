"""Pages that commands write: one HTML file each, with the stylesheet of the desk inside."""
