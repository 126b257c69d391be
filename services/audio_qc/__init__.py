"""Measures how good recordings are and cuts them into graded clips of one speaker.

grade_audio    the use case GradeAudio          prepare_audio  the use case PrepareAudio
preparation    a recording becomes clips        planning       what is done, every setting resolved
chunking       speech to clips and gaps         clips          pieces, each measured and graded
judging        what speaks against a clip       inference      the models, loaded once and shared
measures/      SNR, clipping, bandwidth, true peak, DNSMOS; grading
voices/        turns, overlap, speakers, whose clips are kept
sound/         channels, loudness, noise reduction, music; sound on disk, in windows
"""
