"""Which value survives when the records of one person differ, field by field, and what the others said.

Records come most trusted source first. Every choice is deterministic: ties go to the source order and then to the
smaller key, so two runs agree to the byte, in whatever order the records of one source come.
"""
