"""What people do at a service outside any case: beds offered on, declarations, awards in life, grants in check, visits.

The gateway decides who may and who is meant, asks the service that keeps the matter, and keeps a line in the audit log.
"""
