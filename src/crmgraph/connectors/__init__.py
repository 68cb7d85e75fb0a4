"""How a CRM is described and what its replies mean, without any input or output."""
