"""The check of the manifests, on manifests that kustomize rendered and somebody broke."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.checks.k8s import schemas
from deploy.checks.k8s.__main__ import DEPLOY, problems_in, problems_of
from deploy.checks.k8s.rendering import FOLDERS, overlays, rendered
from deploy.k8s.prometheus_rules import prometheus_rule

Documents = list[dict[str, Any]]


@pytest.fixture(scope="module")
def production() -> Documents:
    """The overlay with everything in it, as kustomize renders it."""
    return [dict(document) for document in rendered(DEPLOY, "discord")]


def found(documents: Documents, kind: str, name: str) -> dict[str, Any]:
    for document in documents:
        if (document["kind"], document["metadata"]["name"]) == (kind, name):
            return document
    raise LookupError(name)


def pod_of(documents: Documents, name: str, kind: str = "Deployment") -> dict[str, Any]:
    pod: dict[str, Any] = found(documents, kind, name)["spec"]["template"]["spec"]
    return pod


def container_of(documents: Documents, name: str, kind: str = "Deployment") -> dict[str, Any]:
    named = {each["name"]: each for each in pod_of(documents, name, kind)["containers"]}
    container: dict[str, Any] = named.get("service") or named[name]
    return container


def settings_of(documents: Documents) -> dict[str, str]:
    for document in documents:
        if document["kind"] == "ConfigMap" and document["metadata"]["name"].startswith("settings"):
            settings: dict[str, str] = document["data"]
            return settings
    raise LookupError


def misspelt_field(documents: Documents) -> None:
    pod_of(documents, "media")["terminationGracePeriod"] = 70


def number_for_a_text(documents: Documents) -> None:
    found(documents, "ScaledObject", "media")["spec"]["triggers"][0]["metadata"]["account"] = 1


def unknown_kind(documents: Documents) -> None:
    found(documents, "PodDisruptionBudget", "media")["apiVersion"] = "policy/v1beta1"


def root(documents: Documents) -> None:
    pod_of(documents, "media")["securityContext"]["runAsNonRoot"] = False


def writable_root(documents: Documents) -> None:
    container_of(documents, "nats", "StatefulSet")["securityContext"].pop("readOnlyRootFilesystem")


def capabilities(documents: Documents) -> None:
    container_of(documents, "dataset")["securityContext"]["capabilities"] = {"add": ["SYS_ADMIN"]}


def unlimited_memory(documents: Documents) -> None:
    container_of(documents, "media")["resources"]["limits"].pop("memory")


def unlimited_scratch(documents: Documents) -> None:
    volumes = {each["name"]: each for each in pod_of(documents, "media")["volumes"]}
    volumes["scratch"]["emptyDir"] = {}


def latest_image(documents: Documents) -> None:
    container_of(documents, "media")["image"] = "tts-trainer/media:latest"


def untagged_image(documents: Documents) -> None:
    container_of(documents, "media")["image"] = "tts-trainer/media"


def no_probe(documents: Documents) -> None:
    container_of(documents, "media").pop("readinessProbe")


def probe_of_another(documents: Documents) -> None:
    container_of(documents, "media")["livenessProbe"]["grpc"]["port"] = 50052


def no_budget(documents: Documents) -> None:
    documents.remove(found(documents, "PodDisruptionBudget", "dataset"))


def open_network(documents: Documents) -> None:
    documents.remove(found(documents, "NetworkPolicy", "default-deny"))
    documents.remove(found(documents, "NetworkPolicy", "services-from-prometheus"))
    documents.remove(found(documents, "NetworkPolicy", "services-from-clients"))


def misspelt_setting(documents: Documents) -> None:
    settings_of(documents)["TTSTRAINER_DRAIN_SECOND"] = "50"


def drain_longer_than_grace(documents: Documents) -> None:
    settings_of(documents)["TTSTRAINER_DRAIN_SECONDS"] = "70"


def cache_larger_than_scratch(documents: Documents) -> None:
    settings_of(documents)["TTSTRAINER_S3_CACHE_BYTES"] = str(100 << 30)


def somebody_else_to_nats(documents: Documents) -> None:
    container_of(documents, "media")["env"].append({"name": "TTSTRAINER_NATS_USER", "value": "x"})


def secret_without_key(documents: Documents) -> None:
    for document in documents:
        if document["kind"] == "Secret":
            document["data"].pop("NATS_MEDIA_PASSWORD", None)


def unserved_queue(documents: Documents) -> None:
    trigger = found(documents, "ScaledObject", "audio-qc")["spec"]["triggers"][0]
    trigger["metadata"]["consumer"] = "ttstrainer_audio_qc_v1_AudioQcService_GradeAudio"


def unwatched_queue(documents: Documents) -> None:
    found(documents, "ScaledObject", "transcription")["spec"]["triggers"].pop()


def unreachable_monitoring(documents: Documents) -> None:
    trigger = found(documents, "ScaledObject", "media")["spec"]["triggers"][0]
    trigger["metadata"]["natsServerMonitoringEndpoint"] = "nats:8222"


def scaling_to_nothing(documents: Documents) -> None:
    found(documents, "ScaledObject", "media")["spec"]["minReplicaCount"] = 0


def replicas_beside_scaler(documents: Documents) -> None:
    found(documents, "Deployment", "media")["spec"]["replicas"] = 3


def unscaled_worker(documents: Documents) -> None:
    documents.remove(found(documents, "ScaledObject", "dataset"))


def unknown_metric(documents: Documents) -> None:
    trigger = found(documents, "ScaledObject", "inference")["spec"]["triggers"][0]
    trigger["metadata"]["query"] = "sum(ttstrainer_inference_listeners)"


def queue_of_a_speaker(documents: Documents) -> None:
    found(documents, "ScaledObject", "inference")["spec"]["triggers"][0]["type"] = "nats-jetstream"


def key_of_s3_for_the_bot(documents: Documents) -> None:
    container_of(documents, "bot")["env"].append({"name": "TTSTRAINER_BOT_S3_KEY", "value": "x"})


def no_token(documents: Documents) -> None:
    documents.remove(
        next(
            each
            for each in documents
            if each["kind"] == "Secret" and each["metadata"]["name"].startswith("discord")
        )
    )


def forgotten_service(documents: Documents) -> None:
    documents.remove(found(documents, "Deployment", "pipeline"))


BROKEN: dict[Callable[[Documents], None], str] = {
    misspelt_field: "terminationGracePeriod: Extra inputs are not permitted",
    number_for_a_text: "spec.triggers.0.metadata.account: Input should be a valid string",
    unknown_kind: "there is no schema",
    root: "Deployment/media: runs as root",
    writable_root: "StatefulSet/nats: nats: may write to its own image",
    capabilities: "Deployment/dataset: service: keeps capabilities",
    unlimited_memory: "has no resources.limits.memory",
    unlimited_scratch: "volume scratch: has no sizeLimit",
    latest_image: "has no fixed tag",
    untagged_image: "has no fixed tag",
    no_probe: "has no readinessProbe",
    probe_of_another: "its livenessProbe asks at another port",
    no_budget: "Deployment/dataset: has 0 PodDisruptionBudgets",
    open_network: "no NetworkPolicy restricts its ingress",
    misspelt_setting: "TTSTRAINER_DRAIN_SECOND is no setting",
    drain_longer_than_grace: "killed before it has drained",
    cache_larger_than_scratch: "smaller than its cache",
    somebody_else_to_nats: "TTSTRAINER_NATS_USER is 'x'",
    secret_without_key: "has no NATS_MEDIA_PASSWORD",
    unserved_queue: "AudioQcService_GradeAudio is no queue that audio-qc serves",
    unwatched_queue: "nobody looks at transcription's queue",
    unreachable_monitoring: "nats:8222 is no Service of ours",
    scaling_to_nothing: "wants at least one worker",
    replicas_beside_scaler: "Deployment/media sets replicas too",
    unscaled_worker: "nobody scales dataset",
    unknown_metric: "ttstrainer_inference_listeners is no metric of inference",
    queue_of_a_speaker: "inference has no queue: scale it on a metric",
    key_of_s3_for_the_bot: "TTSTRAINER_BOT_S3_KEY is no setting",
    no_token: "DISCORD_TOKEN: Secret discord",
    forgotten_service: "the service pipeline has no Deployment",
}


@pytest.mark.parametrize("overlay", overlays(DEPLOY))
def test_nothing_is_wrong_with_an_overlay(overlay: str) -> None:
    assert problems_of(DEPLOY, overlay) == []


@pytest.mark.parametrize("break_it", BROKEN, ids=lambda each: each.__name__)
def test_what_is_wrong_is_named(
    production: Documents, break_it: Callable[[Documents], None]
) -> None:
    documents = copy.deepcopy(production)

    break_it(documents)

    assert any(BROKEN[break_it] in problem for problem in problems_in(documents))


def test_a_patch_that_kustomize_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    for name in FOLDERS:
        shutil.copytree(DEPLOY / name, tmp_path / name)
    patch = tmp_path / "k8s/overlays/production/pipeline.yaml"
    patch.write_text(patch.read_text().replace("name: pipeline", "name: pipelines"))

    (problem,) = problems_of(tmp_path, "production")

    assert "pipelines" in problem


def test_the_rules_of_prometheus_are_what_its_operator_takes() -> None:
    rule = prometheus_rule()

    names = [group["name"] for group in rule["spec"]["groups"]]
    assert list(schemas.problems(rule)) == []
    assert names
    assert len(set(names)) == len(names)
