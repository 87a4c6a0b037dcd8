"""What a monitoring system asks of a site: numbers for Prometheus, read from the database.

Nothing is counted in a process, so any web process answers for the whole site.
"""
