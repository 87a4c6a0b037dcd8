"""`ktrdr`: the commands of `manage.py` by words that people like to type."""
