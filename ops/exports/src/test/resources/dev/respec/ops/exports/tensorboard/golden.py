"""Writes golden.tfevents with TensorBoard's own messages and record writer: python golden.py golden.tfevents"""

import sys

from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

START = 1767225600.0  # 2026-01-01T00:00:00Z


def summary(step, seconds, **value):
    message = summary_pb2.Summary(value=[summary_pb2.Summary.Value(**value)])
    return event_pb2.Event(wall_time=START + seconds, step=step, summary=message)


values = [0.0, 1.0, 1.0, 2.0, 15.0, 30.0]
counts = [0.0] * 30
for value in values:
    counts[min(int(value), 29)] += 1
histogram = summary_pb2.HistogramProto(
    min=min(values),
    max=max(values),
    num=len(values),
    sum=sum(values),
    sum_squares=sum(value * value for value in values),
    bucket_limit=[float(edge) for edge in range(1, 31)],
    bucket=counts,
)
text = tensor_pb2.TensorProto(
    dtype=types_pb2.DT_STRING,
    string_val=["**answer**: 7 é".encode()],
    tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=1)]),
)
plugin = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="text"))

events = [
    event_pb2.Event(wall_time=START, file_version="brain.Event:2"),
    summary(0, 0, tag="evaluation/sums/sampled/pass@1", simple_value=0.0),
    summary(3, 20.5, tag="train/loss", simple_value=-0.125),
    summary(300, 21, tag="rollouts/response_length", histo=histogram),
    summary(300, 21, tag="rollouts/samples", tensor=text, metadata=plugin),
]
with open(sys.argv[1], "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString(deterministic=True))
    writer.flush()
