"""Application services: one verb a file. They know the domain and its ports, never an adapter."""
