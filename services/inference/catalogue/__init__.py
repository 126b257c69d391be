"""The models that there are to speak with: in packages, folders, the artifact store and the hub."""
