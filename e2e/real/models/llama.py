"""A real llama.cpp server on a free port, with the tiny model of the repository. Ends with its standard input."""

import json
import sys
from pathlib import Path

import xllamacpp

parameters = xllamacpp.CommonParams()
parameters.model.path = str(Path(__file__).resolve().parents[3] / "tiny/data/tiny.gguf")
parameters.port = 0
parameters.n_ctx = 256
parameters.n_parallel = 1
parameters.warmup = False
parameters.cpuparams.n_threads = 1
server = xllamacpp.Server(parameters)
print(json.dumps({"url": server.listening_address}), flush=True)
sys.stdin.read()
