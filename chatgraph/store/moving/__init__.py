"""Moving: everything that is kept goes from one database to another, of whichever kind they are."""
