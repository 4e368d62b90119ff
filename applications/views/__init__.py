"""Pages of applications, face by face."""
