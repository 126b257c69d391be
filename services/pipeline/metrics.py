"""What Prometheus hears of runs and drops."""

from prometheus_client import Counter, Gauge, Histogram

RUNS = Counter("ttstrainer_runs", "Runs that ended, by state.", ["state"])
RUNS_REMOVED = Counter(
    "ttstrainer_runs_removed", "Runs that left the state because they ended long ago."
)
RUN_DURATIONS = Histogram(
    "ttstrainer_run_duration_seconds",
    "Time from the start of a run to its end.",
    buckets=(1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000),
)
RUNS_IN_PROGRESS = Gauge("ttstrainer_runs_in_progress", "Runs that are under way.")
LONGEST_IDLE = Gauge(
    "ttstrainer_run_longest_idle_seconds",
    "How long the run that rests longest has gone without a result or any progress.",
)
DROPS = Counter("ttstrainer_drops", "Dropped files, by what became of them.", ["outcome"])

# From zero, so that the first of each is a change that Prometheus sees.
for _state in ("succeeded", "failed", "cancelled"):
    RUNS.labels(_state)
for _outcome in ("taken", "refused"):
    DROPS.labels(_outcome)
