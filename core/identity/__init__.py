"""Identity: ID numbers, masking, ciphers, encrypted fields, name keys. The first two are pure."""
