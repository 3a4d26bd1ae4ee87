"""What an event is: its types, fields, columns and codes; tables of rows that import nothing heavy."""
