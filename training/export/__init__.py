"""What a training and its model are taken away as, by `manage.py export`. Free of torch."""
