"""The ASGI side of the app: who may ask for what, its own routes, and what stands around it."""
