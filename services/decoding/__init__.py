"""Lets ffmpeg read files that nobody vouches for; shared by the services that take in audio.

programs     are run: bounded, without our secrets, never left behind
containers   which kinds of files are opened
mono         any audio as mono samples
complaints   what ffmpeg's words mean to people
"""
