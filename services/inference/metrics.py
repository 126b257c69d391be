"""What Prometheus hears of speech; every series is there from the start, the models' own aside."""

from prometheus_client import Counter, Gauge, Histogram

from services.inference.engines.engine import EngineKind

OUTCOMES = ("complete", "max_length", "runaway", "cancelled", "failed")
QUEUE_FULL = "QUEUE_FULL"
WAITED_TOO_LONG = "WAITED_TOO_LONG"
OUT_OF_MEMORY = "OUT_OF_MEMORY"
CLIENT_STALLED = "CLIENT_STALLED"
REASONS = (QUEUE_FULL, WAITED_TOO_LONG, OUT_OF_MEMORY, CLIENT_STALLED)

TIME_TO_FIRST_AUDIO = Histogram(
    "ttstrainer_inference_time_to_first_audio_seconds",
    "From the arrival of a request to its first audio, queueing and loading included.",
    ["engine"],
    buckets=(0.02, 0.04, 0.08, 0.15, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30),
)
REAL_TIME_FACTOR = Histogram(
    "ttstrainer_inference_real_time_factor_ratio",
    "Seconds of work for each second of audio, queueing included.",
    ["engine"],
    buckets=(0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 1.5, 2, 4, 8),
)
ACTIVE_STREAMS = Gauge(
    "ttstrainer_inference_active_streams", "Streams that were begun and not ended.", ["engine"]
)
WAITING_STREAMS = Gauge(
    "ttstrainer_inference_waiting_streams", "Streams that wait for a slot.", ["engine"]
)
SLOTS = Gauge(
    "ttstrainer_inference_slots", "How many sentences the loaded models make at once.", ["engine"]
)
STREAMS = Counter(
    "ttstrainer_inference_streams", "Streams that ended, by how.", ["engine", "outcome"]
)
REJECTED_STREAMS = Counter(
    "ttstrainer_inference_rejected_streams", "Streams that were refused or cut off.", ["reason"]
)
AUDIO_SECONDS = Counter(
    "ttstrainer_inference_audio_seconds", "Duration of the speech that was made.", ["engine"]
)
TOKENS = Counter("ttstrainer_inference_tokens", "Audio tokens that were decoded.", ["engine"])
LOADED_MODELS = Gauge("ttstrainer_inference_loaded_models", "Models in memory.", ["engine"])
MODEL_LOADS = Counter(
    "ttstrainer_inference_model_loads", "Loads of models, by how they ended.", ["outcome"]
)
MODEL_UNLOADS = Counter(
    "ttstrainer_inference_model_unloads", "Models that left memory, by why.", ["cause"]
)
MODEL_MEMORY_BYTES = Gauge(
    "ttstrainer_inference_model_memory_bytes",
    "What the weights and caches of a loaded model take.",
    ["model", "version"],
)
MEMORY_BUDGET_BYTES = Gauge(
    "ttstrainer_inference_memory_budget_bytes", "What all loaded models may take together."
)

LOADED = "loaded"
FAILED = "failed"
IDLE = "idle"
ROOM = "room"
REPLACED = "replaced"
ASKED = "asked"
BROKEN = "broken"
UNLOAD_CAUSES = (IDLE, ROOM, REPLACED, ASKED, BROKEN)

for _kind in EngineKind:
    for _metric in (
        TIME_TO_FIRST_AUDIO,
        REAL_TIME_FACTOR,
        ACTIVE_STREAMS,
        WAITING_STREAMS,
        SLOTS,
        AUDIO_SECONDS,
        TOKENS,
        LOADED_MODELS,
    ):
        _metric.labels(_kind.value)
    for _outcome in OUTCOMES:
        STREAMS.labels(_kind.value, _outcome)
for _reason in REASONS:
    REJECTED_STREAMS.labels(_reason)
for _outcome in (LOADED, FAILED):
    MODEL_LOADS.labels(_outcome)
for _cause in UNLOAD_CAUSES:
    MODEL_UNLOADS.labels(_cause)
