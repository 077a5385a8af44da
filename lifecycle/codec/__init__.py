"""The bytes of events, source packages and states. Pure: values in, bytes out, and back."""
