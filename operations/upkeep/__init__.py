"""What keeps a site well without anybody's asking: lost attempts are found, old things deleted."""
