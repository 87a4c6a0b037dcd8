"""What stands in front of Django, and of its database, threads and memory: the limits that hold for
whoever is not known yet.

`entrance` is the outermost layer. It asks `bodies` and `cookies`, takes the word of trusted
proxies (`forwarded`, `remote_user`), answers probes itself (`probe`), and tells who is turned away
(`refusals`).
"""
