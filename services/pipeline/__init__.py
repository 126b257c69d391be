"""The pipeline service: leads recordings through every stage to a dataset.

- Pure: `run_model`, `facts`, `flow` (a run after a fact; what is pending), `validation`,
  `details`, `progress`, `new_run`, `queue_watch`, `drops`.
- Runs: `conductor` keeps what a fact changes (`run_store`) and publishes what follows
  (`requests`); `hearing` and `events` bring the facts; `sweep` does what a crash left undone.
- People: `runs` and `watching` behind `servicer`; `live` holds progress, in memory alone.
- Drops: `inbox` starts runs for `inbox/<voice>/` of the store, `watched_folder` copies files there.

A drop adds to its voice: the run takes the new recordings and those that came through in the
voice's last successful run. `inbox/<voice>/voice.json` holds RunOptions as JSON; `talk.srt` or
`talk.vtt` beside `talk.mp4` is its transcript; what cannot be used stays, with a note beside it,
`<file>.refused.txt`, until it changes.
"""
