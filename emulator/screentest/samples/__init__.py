"""Sample files, written without any library: real images, sounds and films for ``/inputs``. Pure."""
