"""From speech to packets: frames of 20 ms, what is kept ready of them, and the pace of sending."""
