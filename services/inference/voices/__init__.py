"""Voices: whose there are, whether they may speak, and what models make of them.

voice            what a voice is             voice_records   its history in the store
voice_book       looking up, deleting        voice_data      its references, and what is derived
cloning          the use case CreateVoice    changing        UpdateVoice
comparing        CompareVoices               previewing      PreviewVoice
withdrawing      silence, when a consent ends
conditionings    a voice as a model sees it
clip, clip_intake, grading, speaker_check    the clips that voices are cloned from
consent_desk     asks the dataset service
voices           all of it, assembled: start here
"""
