"""What Prometheus hears of runs and drops."""

from prometheus_client import Counter, Gauge, Histogram

RUNS = Counter("ttstrainer_runs", "Runs that ended, by state.", ["state"])
RUN_DURATIONS = Histogram(
    "ttstrainer_run_duration_seconds",
    "Time from the start of a run to its end.",
    buckets=(1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000),
)
RUNS_IN_PROGRESS = Gauge("ttstrainer_runs_in_progress", "Runs that are under way.")
DROPS = Counter("ttstrainer_drops", "Dropped files, by what became of them.", ["outcome"])
