"""Everything on one machine without containers: PostgreSQL, Kafka, and the services beside them."""
