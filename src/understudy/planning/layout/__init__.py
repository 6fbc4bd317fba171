"""Row numbers, keys and links: how every table is laid out."""
