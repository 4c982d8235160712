"""A small Salesforce organisation that answers the REST API over HTTP."""
