"""What happens, told while it happens: server-sent events (WHATWG HTML, "Server-sent events").

However many streams a process has open, it looks at the database once for all of them (`hub`), and
not at all when none is.
"""
