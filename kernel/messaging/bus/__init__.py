"""The two ways between services, told apart by nobody but their own files."""
