"""The dashboard's pages, rendered on the server; htmx asks for the fragments that changed."""
