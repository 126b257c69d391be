"""The audio of a stream on its way out: resampled, paused, marked, cut and counted."""

from collections.abc import Callable

import numpy as np

from services.inference.engines.engine import Samples
from services.inference.resampling import StreamResampler
from services.inference.speaking.chunks import Chunks
from services.inference.speaking.outbox import Outbox
from services.inference.speaking.pace import Pace, Progress
from services.inference.speaking.parts import AudioFormat, SentenceMark, SpeechSummary
from services.inference.speaking.script import Line


class Delivery:
    """Puts a stream's parts into its outbox."""

    def __init__(
        self,
        audio_format: AudioFormat,
        engine_rate_hertz: int,
        pace: Pace,
        outbox: Outbox,
        clock: Callable[[], float],
        *,
        max_audio_seconds: float,
    ) -> None:
        """Puts nothing yet; the audio ends after `max_audio_seconds`."""
        self._format = audio_format
        self._engine_rate = engine_rate_hertz
        self._pace = pace
        self._outbox = outbox
        self._clock = clock
        self._rate = rate = audio_format.sample_rate_hertz
        self._resampler = StreamResampler(engine_rate_hertz, rate)
        self._max_seconds = max_audio_seconds
        self._chunks = Chunks(
            max(1, int(pace.max_chunk_seconds * rate)), int(max_audio_seconds * rate)
        )
        self._given_samples = 0  # at the engine's rate
        self._line: Line | None = None
        self.sentence_count = 0
        """How many lines were begun."""
        self.first_audio_time: float | None = None
        """When the first audio was put, on the clock."""

    @property
    def audio_seconds(self) -> float:
        """How much audio was put."""
        return self._chunks.sample_count / self._rate

    @property
    def remaining_seconds(self) -> float:
        """How much more there may be."""
        return self._max_seconds - self.audio_seconds

    @property
    def is_full(self) -> bool:
        """Whether the audio has its longest length."""
        return self._chunks.is_full

    @property
    def progress(self) -> Progress:
        """How far the reader is behind."""
        unread_seconds = self._outbox.unread_samples / self._rate
        now = self._clock()
        heard_seconds = now - (now if self.first_audio_time is None else self.first_audio_time)
        return Progress(
            unread_seconds=unread_seconds,
            # A transport takes audio long before it is heard, and one who pauses hears it later.
            lead_seconds=max(unread_seconds, self.audio_seconds - heard_seconds),
            remaining_seconds=self.remaining_seconds,
        )

    async def room(self) -> None:
        """Waits until the reader is near enough for another sentence."""
        await self._outbox.room(int(self._pace.max_lead_seconds * self._rate))

    def put(self, line: Line, samples: Samples) -> None:
        """Puts the next audio of a line, which is marked before its first."""
        if line is not self._line:
            self._line = line
            self._begin(line)
        self._send(samples)

    def end(self) -> None:
        """Puts the audio that the resampler holds back."""
        self._send(np.zeros(0, np.float32), last=True)

    def sum_up(self, summary: SpeechSummary) -> None:
        """Puts the summary, after everything else."""
        self._outbox.put(summary)

    def _begin(self, line: Line) -> None:
        if self.sentence_count:
            pause_samples = round(self._pace.sentence_pause_seconds * self._engine_rate)
            self._send(np.zeros(pause_samples, np.float32))
        else:  # not before there is audio: what fails until then has not begun
            self._outbox.put(self._format)
        offset = round(self._given_samples * self._rate / self._engine_rate)
        self._outbox.put(
            SentenceMark(self.sentence_count, offset, line.text_offset, line.text_length)
        )
        self.sentence_count += 1

    def _send(self, samples: Samples, *, last: bool = False) -> None:
        self._given_samples += len(samples)
        for chunk in self._chunks.cut(self._resampler.resample(samples, last=last)):
            if self.first_audio_time is None:
                self.first_audio_time = self._clock()
            self._outbox.put(chunk)
