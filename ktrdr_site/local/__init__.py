"""What only `make up` and the demo need: one machine's site, with its database and its processes.

`local_site` prepares what the settings read, `supervisor` keeps the `service`s running, and the
`watchdog` ends them when nobody else can.
"""
