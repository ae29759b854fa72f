"""A collector of OTLP over HTTP that reads with the official Protocol Buffers definitions (PyPI: opentelemetry-proto) and
prints each message as a line of JSON. The first line is its address."""

import http.server
import sys

from google.protobuf import json_format, unknown_fields
from google.protobuf.message import Message
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

REQUESTS = {"/v1/traces": traces.ExportTraceServiceRequest, "/v1/metrics": metrics.ExportMetricsServiceRequest}
RESPONSES = {"/v1/traces": traces.ExportTraceServiceResponse, "/v1/metrics": metrics.ExportMetricsServiceResponse}


class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        request = REQUESTS[self.path]()
        request.ParseFromString(body)
        # What the definitions do not know would be kept aside; there must be none.
        assert request.SerializeToString() and not list(unknown(request)), "unknown fields"
        print(json_format.MessageToJson(request, indent=None), flush=True)
        answer = RESPONSES[self.path]().SerializeToString()
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def unknown(message):
    """The fields of a message, and of those within it, that its definition does not know."""
    yield from unknown_fields.UnknownFieldSet(message)
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            for inner in [value] if isinstance(value, Message) else value:
                yield from unknown(inner)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
print(f'{{"url": "http://127.0.0.1:{server.server_address[1]}"}}', flush=True)
sys.exit(server.serve_forever())
