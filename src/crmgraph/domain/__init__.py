"""What is true without any network: values, records, matching and survivorship."""
