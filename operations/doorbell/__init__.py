"""The doorbell: what may be said through Redis, and the one way in which a worker listens."""
