"""What the product does: it asks sources, puts people together and pages through lists."""
