"""Importing many contacts: rows as people write them, one by one or by a CRM's own import, at each source's pace."""
