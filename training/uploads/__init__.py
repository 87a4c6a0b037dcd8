"""Files of prices that users send: kept for an hour, previewed, imported.

They lie in the data directory and never in the shared storage. The doorway writes them there
(`ktrdr_site/doorway/uploads.py`); what reads them runs in the room for bounded work.
"""
