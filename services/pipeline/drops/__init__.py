"""What people drop, into the inbox or a watched folder, on its way to becoming runs."""
