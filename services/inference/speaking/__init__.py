"""Speaking: from a text to a stream of audio, sentence by sentence."""
