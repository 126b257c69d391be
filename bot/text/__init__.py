"""Makes what people write on Discord speakable. Pure: it knows no discord.py, clock or network.

Numbers, addresses, abbreviations and what else every text holds is the inference service's work.
"""
