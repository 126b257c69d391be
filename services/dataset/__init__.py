"""Curates clips with texts into immutable dataset versions.

candidate   a clip as the cores see it        curation    which clips are kept, and why not
fences      run-wide speech-rate fences       speakers    one voice across recordings
split       training and validation           digest      what makes two versions the same
accounting  where each second of input went   reviews     what people decided
building    the use case BuildDataset         versions    immutable versions in the store
consenting  who agreed to what, and what was taken back
export      archives: LJSpeech, Coqui XTTS, audiofolder, each with report.html
"""
