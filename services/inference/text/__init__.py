"""The text front end: sentences out of texts, and words out of what is written.

Pure: it knows no model, no clock and no service. In use::

    feed = SentenceFeed("en", max_characters=250)
    for sentence in feed.feed("Dr. Smith paid $5. And"):
        for phrase in phrases(sentence, "en", 250):
            ...  # phrase.text is what a model is given
"""
