"""A real llama.cpp server on a free port, with the tiny model of the repository. Ends with its standard input."""

import json
import struct
import sys
import tempfile
from pathlib import Path

import xllamacpp

#: More tokens than the model was made for: what helpers are told is longer.
CONTEXT = 2048

with tempfile.TemporaryDirectory() as folder:
    key, kind = b"llama.context_length", struct.pack("<I", 4)
    tiny = (Path(__file__).resolve().parents[3] / "tiny/data/tiny.gguf").read_bytes()
    longer = tiny.replace(key + kind + struct.pack("<I", 256), key + kind + struct.pack("<I", CONTEXT), 1)
    path = Path(folder) / "tiny.gguf"
    path.write_bytes(longer)

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.port = 0
    parameters.n_ctx = CONTEXT
    parameters.n_parallel = 1
    parameters.warmup = False
    parameters.cpuparams.n_threads = 1
    server = xllamacpp.Server(parameters)
    print(json.dumps({"url": server.listening_address}), flush=True)
    sys.stdin.read()
