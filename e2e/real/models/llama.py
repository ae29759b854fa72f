"""A real llama.cpp server on a free port, with the tiny model of the repository, or with the file, the context and the threads that
are named. Ends with its standard input."""

import json
import struct
import sys
import tempfile
from pathlib import Path

import xllamacpp

#: More tokens than the tiny model was made for: what helpers are told is longer.
CONTEXT = 2048


def longer(folder: str) -> str:
    """The tiny model, as a file whose header says that it was made for so many tokens."""
    key, kind = b"llama.context_length", struct.pack("<I", 4)
    tiny = (Path(__file__).resolve().parents[3] / "tiny/data/tiny.gguf").read_bytes()
    path = Path(folder) / "tiny.gguf"
    path.write_bytes(tiny.replace(key + kind + struct.pack("<I", 256), key + kind + struct.pack("<I", CONTEXT), 1))
    return str(path)


with tempfile.TemporaryDirectory() as folder:
    model, context, threads = sys.argv[1:] or (longer(folder), CONTEXT, 1)
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
