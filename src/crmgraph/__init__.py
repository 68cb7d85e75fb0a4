"""One GraphQL endpoint over all the CRMs a company has."""
