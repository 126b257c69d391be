"""Measures how good recordings are and cuts them into graded clips of one speaker.

grade_audio    the use case GradeAudio          prepare_audio  the use case PrepareAudio
survey         what a recording measures        preparation    a recording becomes clips
channels       stereo to mono                   rendering      the prepared sound on disk
listening      speech, frame by frame           chunking       speech to clips and gaps
snr clipping bandwidth true_peak dnsmos         grading        measures to verdicts
turns          who takes turns, who overlaps    speakers       whose voice a clip is
embedding segmentation sound_events noise_reduction   the models, one adapter each
"""
