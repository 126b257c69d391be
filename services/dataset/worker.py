"""The step that a run can ask this service for."""

from services.chassis.work import Progress, WorkHandler
from services.dataset.building import METHOD, Building
from ttstrainer.dataset.v1 import dataset_events_pb2 as events
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb


def handlers(building: Building) -> tuple[WorkHandler, ...]:
    """Returns a handler for each method that travels on the work queue."""

    async def build(request: pb.BuildDatasetRequest, progress: Progress) -> events.DatasetBuilt:
        del progress  # It takes a moment.
        return events.DatasetBuilt(dataset=await building.build(request))

    return (WorkHandler(METHOD, pb.BuildDatasetRequest, build),)
