"""A real llama.cpp server on a free port, with the tiny model of the repository, or with the file, the context and the threads that
are named. Ends with its standard input."""

import json
import sys
from pathlib import Path

import xllamacpp

TINY = str(Path(__file__).resolve().parents[3] / "tiny/data/tiny.gguf")
model, context, threads = sys.argv[1:] or (TINY, "256", "1")
parameters = xllamacpp.CommonParams()
parameters.model.path = model
parameters.port = 0
parameters.n_ctx = int(context)
parameters.n_parallel = 1
parameters.warmup = False
parameters.cpuparams.n_threads = int(threads)
parameters.cpuparams_batch.n_threads = int(threads)
server = xllamacpp.Server(parameters)
print(json.dumps({"url": server.listening_address}), flush=True)
sys.stdin.read()
